import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { homeslice, root, run } from '@homeslice/testing'

const nobody = 65_534
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeslice-days-'))
  await chmod(folder, 0o755)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const home = async (text: string, name = 'home.yaml'): Promise<string> => {
  await writeFile(join(folder, name), text)
  return join(folder, name)
}
const good =
  'version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\nservices: { clock: { use: clocktime } }\n'

describe('a home file on a bad day', () => {
  it.each([
    ['missing', () => Promise.resolve(join(folder, 'nowhere.yaml')), 'there is no such file'],
    ['a folder', () => Promise.resolve(folder), 'is no file'],
    ['half-written', () => home(good.slice(0, 60)), 'this is not YAML'],
    ['with a wrong key', () => home(good.replace('use:', 'usee:')), 'did you mean "use"?'],
    ['of bytes', () => home('\u0000\u0001\u0002'), 'a character that no text has'],
  ])('%s: exit 2 and a sentence', async (_, make, says) => {
    const path = await make()
    for (const verb of ['check', 'render', 'plan', 'up']) {
      const { code, stdout, stderr } = await homeslice([verb, '--file', path])
      expect([verb, code, `${stdout}${stderr}`]).toEqual([verb, 2, expect.stringContaining(says) as string])
      expect(stderr).not.toMatch(/ at .*\.m?js/u)
    }
  })
})

describe('wrong words', () => {
  it.each([[['chekc']], [['check', '--nope']], [['sandbox', 'fly']], [['up', '--deadline', 'x']], [['logs']]])(
    '%j: exit 2',
    async (words) => {
      expect((await homeslice(words)).code).toBe(2)
    },
  )
  it('test and build know theirs too', async () => {
    expect((await homeslice(['test', '--nope'])).code).toBe(2)
    expect((await homeslice(['build', '--nope'])).code).toBe(2)
  })
})

describe('without the right to', () => {
  const asNobody = (words: readonly string[], env: Record<string, string> = {}) =>
    run(process.execPath, [join(folder, 'dist', 'cli.mjs'), ...words], {
      uid: nobody,
      cwd: folder,
      env: { HOME: folder, HOMESLICE_STATE: join(folder, 'state'), HOMESLICE_CACHE: join(folder, 'cache'), ...env },
    })

  beforeAll(async () => {
    // The checkout may lie where nobody else may look; the bundle runs from anywhere.
    await homeslice(['--version'])
    await cp(join(root, 'dist'), join(folder, 'dist'), { recursive: true })
    await run('chmod', ['-R', 'a+rX', join(folder, 'dist')])
  })

  it('a home file that may not be read', async () => {
    const path = await home(good, 'closed.yaml')
    await chmod(path, 0)
    const { code, stdout } = await asNobody(['check', path])
    expect([code, stdout]).toEqual([2, expect.stringContaining('may not be read') as string])
  })

  it('a sandbox is refused with what to do, and nothing is left behind', async () => {
    const { code, stderr } = await asNobody(['sandbox', 'start'])
    expect([code, stderr]).toEqual([1, expect.stringMatching(/root/u) as string])
  })

  it('a folder that may not be written gets no home file', async () => {
    await mkdir(join(folder, 'closed'), { mode: 0o755 })
    const { code, stderr } = await asNobody(['init', '--file', join(folder, 'closed', 'home.yaml')])
    expect([code, stderr]).toEqual([1, expect.stringContaining('cannot be written') as string])
  })
})
