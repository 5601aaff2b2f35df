import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { bundleServices, ownImages } from './bundle.ts'
import { bundleCommand, placeServices } from './dist.ts'
import { type Checkout, makeCheckout } from './checkout.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-dist-'))
afterAll(() => rmSync(folder, { recursive: true }))

const parts = ({ root }: Checkout): string[] => readdirSync(join(root, 'dist/cli')).toSorted()
const run = (path: string): string => execFileSync(process.execPath, [path], { encoding: 'utf8' })
const bundled = async (name: string): Promise<Checkout> => {
  const checkout = makeCheckout(join(folder, name))
  expect(await bundleCommand(checkout.root)).toEqual({ ok: true })
  return checkout
}

describe('the bundled command', () => {
  it('runs, with what it needs late in parts of their own', async () => {
    const checkout = await bundled('runs')
    expect(parts(checkout)).toEqual([expect.stringMatching(/^late-[A-Z0-9]{8}\.mjs$/u)])
    expect(run(join(checkout.root, 'dist/cli.mjs'))).toBe('late')
  })

  it('that was started before the next bundling finds its parts for a day', async () => {
    const checkout = await bundled('older')
    const cli = join(checkout.root, 'dist/cli.mjs')
    const before = checkout.read('dist/cli.mjs')
    const [old = ''] = parts(checkout)
    checkout.write('apps/cli/src/late.ts', "export const late: string = 'later'\n")
    await bundleCommand(checkout.root)
    expect(run(cli)).toBe('later')
    expect(parts(checkout)).toHaveLength(2)
    writeFileSync(join(checkout.root, 'dist/before.mjs'), before)
    expect(run(join(checkout.root, 'dist/before.mjs'))).toBe('late')

    await bundleCommand(checkout.root)
    expect(parts(checkout)).toHaveLength(2)

    const yesterday = Date.now() / 1000 - 25 * 3600
    utimesSync(join(checkout.root, 'dist/cli', old), yesterday, yesterday)
    await bundleCommand(checkout.root)
    expect(parts(checkout)).toHaveLength(1)
    expect(run(cli)).toBe('later')
  })

  it('is left as it was by sources that are wrong, which are named', async () => {
    const checkout = await bundled('wrong')
    checkout.write('apps/cli/src/late.ts', 'export const late = \n')
    expect(await bundleCommand(checkout.root)).toMatchObject({
      ok: false,
      message: 'the sources cannot be bundled: apps/cli/src/late.ts:2:1: Unexpected end of file',
    })
    expect(run(join(checkout.root, 'dist/cli.mjs'))).toBe('late')
  })

  it('has the sources of the sandbox beside it: what changed is written, what went goes', async () => {
    const checkout = await bundled('kube')
    const go = join(checkout.root, 'dist/kube/one/go.mod')
    const { ino } = statSync(go)
    checkout.write('packages/sandbox/kube/two/main.go', 'package main\n')
    await bundleCommand(checkout.root)
    expect(statSync(go).ino).toBe(ino)
    rmSync(join(checkout.root, 'packages/sandbox/kube/two'), { recursive: true })
    checkout.write('packages/sandbox/kube/one/go.mod', 'module other\n')
    await bundleCommand(checkout.root)
    expect(checkout.read('dist/kube/one/go.mod')).toBe('module other\n')
    expect(existsSync(join(checkout.root, 'dist/kube/two/main.go'))).toBe(false)
  })

  it('comes without sources of the sandbox where there are none', async () => {
    const checkout = makeCheckout(join(folder, 'no-kube'))
    rmSync(join(checkout.root, 'packages/sandbox/kube/one'), { recursive: true })
    expect(await bundleCommand(checkout.root)).toEqual({ ok: true })
    expect(run(join(checkout.root, 'dist/cli.mjs'))).toBe('late')
  })

  it('is made although an older part is gone when it is looked at', async () => {
    const checkout = await bundled('gone')
    // What leads nowhere looks like what another has removed meanwhile.
    symlinkSync('nowhere', join(checkout.root, 'dist/cli/gone.mjs'))
    expect(await bundleCommand(checkout.root)).toEqual({ ok: true })
  })

  it('is made by several at once, who clear up after the same older ones', async () => {
    const checkout = await bundled('at-once')
    const yesterday = Date.now() / 1000 - 25 * 3600
    for (let index = 0; index < 200; index += 1) {
      checkout.write(`dist/cli/old-${index}.mjs`, '')
      utimesSync(join(checkout.root, 'dist/cli', `old-${index}.mjs`), yesterday, yesterday)
    }
    const made = await Promise.all(Array.from({ length: 4 }, () => bundleCommand(checkout.root)))
    expect(made.filter(({ ok }) => !ok)).toEqual([])
    expect(parts(checkout)).toHaveLength(1)
    expect(run(join(checkout.root, 'dist/cli.mjs'))).toBe('late')
  })

  it('that cannot be written is told in a sentence', async () => {
    const checkout = makeCheckout(join(folder, 'unwritable'))
    checkout.write('dist', 'a file where a folder should be')
    const failed = { ok: false, fix: 'look at the free disk and at who owns that folder' }
    expect(await bundleCommand(checkout.root)).toMatchObject(failed)
    expect(await placeServices(checkout.root, { buttons: 'x' })).toMatchObject(failed)
  })
})

describe('the bundled services', () => {
  it('are one file each, and run', async () => {
    const { root } = makeCheckout(join(folder, 'services'))
    const services = await bundleServices(root)
    if (!services.ok) throw new Error(services.message)
    expect(Object.keys(services.bundles)).toEqual(ownImages)
    await placeServices(root, services.bundles)
    for (const name of ownImages) expect(run(join(root, 'dist/services', `${name}.mjs`))).toBe(name)
  })

  it('are the same wherever the checkout lies', async () => {
    const one = await bundleServices(makeCheckout(join(folder, 'here')).root)
    const two = await bundleServices(makeCheckout(join(folder, 'over/there')).root)
    expect(two).toEqual(one)
  })
})
