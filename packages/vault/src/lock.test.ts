import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { start, temporaryFolder, withoutRights } from '@homeslice/testing'
import { lifeOf } from './life.ts'
import { withLock } from './lock.ts'

const dead = lifeOf(999_999_999)
let folder = ''
let path = ''
beforeEach(async () => {
  folder = await temporaryFolder()
  path = join(folder, 'secrets.yaml')
})
const done = () => Promise.resolve('done')

describe('a lock', () => {
  it('that a living process holds is waited for, and then left to it', async () => {
    const holder = start('sleep', ['60'])
    await symlink(lifeOf(holder.child.pid ?? 0), `${path}.lock`)
    expect(await withLock(path, done, 200)).toMatchObject({
      ok: false,
      message: `another homeslice is changing ${path}`,
      fix: `wait for it; if there is none, remove ${path}.lock`,
    })
    expect(await readdir(folder)).toEqual(['secrets.yaml.lock'])
    holder.child.kill()
    await holder.ended
    expect(await withLock(path, done)).toBe('done')
    expect(await readdir(folder)).toEqual([])
  })

  it.each([
    ['a file', (at: string) => writeFile(at, dead)],
    ['a folder', (at: string) => mkdir(at)],
    ['a link to nobody', (at: string) => symlink(lifeOf(0), at)],
    ['a link of somebody else', (at: string) => symlink('secrets.yaml', at)],
  ])('that is %s is not ours to remove', async (_, make) => {
    await make(`${path}.lock`)
    expect(await withLock(path, done, 100)).toMatchObject({ ok: false })
    expect(await readdir(folder)).toEqual(['secrets.yaml.lock'])
  })

  it('where none can be made names the place and the reason', async () => {
    expect(await withLock(join(folder, 'nowhere', 'secrets.yaml'), done)).toMatchObject({
      ok: false,
      message: `${folder}/nowhere/secrets.yaml.lock cannot be written (ENOENT)`,
    })
  })

  it('is given back when the work throws', async () => {
    await expect(withLock(path, () => Promise.reject(new Error('on purpose')))).rejects.toThrow('on purpose')
    expect(await withLock(path, done)).toBe('done')
  })

  it('of one who died while taking over that of another is taken over too', async () => {
    for (const name of ['lock', 'lock.dead', 'lock.dead.dead']) await symlink(dead, `${path}.${name}`)
    expect(await withLock(path, done)).toBe('done')
    expect(await readdir(folder)).toEqual([])
  })

  it('of a dead process stays while a living one takes it over', async () => {
    const other = start('sleep', ['60'])
    await symlink(dead, `${path}.lock`)
    await symlink(lifeOf(other.child.pid ?? 0), `${path}.lock.dead`)
    expect(await withLock(path, done, 100)).toMatchObject({ ok: false })
    expect((await readdir(folder)).toSorted()).toEqual(['secrets.yaml.lock', 'secrets.yaml.lock.dead'])
    other.child.kill()
    await other.ended
    expect(await withLock(path, done)).toBe('done')
  })

  it('of a living process of another user is respected', async () => {
    await chmod(folder, 0o777)
    const alien = process.geteuid?.() === 0 ? start('sleep', ['60'], { uid: 12_345 }) : undefined
    await symlink(lifeOf(alien?.child.pid ?? 1), `${path}.lock`)
    expect(await withoutRights(() => withLock(path, done, 100))).toMatchObject({ ok: false })
    expect(await readdir(folder)).toEqual(['secrets.yaml.lock'])
    alien?.child.kill()
    await alien?.ended
  })

  it('whose holder died, and whose number another process has by now, is taken over', async () => {
    const [pid, host, boot, space] = lifeOf(process.pid).split(' ')
    await symlink([pid, host, boot, space, '1'].join(' '), `${path}.lock`)
    expect(await withLock(path, done)).toBe('done')
    expect(await readdir(folder)).toEqual([])
  })

  it.each([1, 2, 3, 4, 5, 6])('of a dead process is taken over by one at a time, round %d', async () => {
    await symlink(dead, `${path}.lock`)
    let inside = 0
    let most = 0
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        // They come one after the other, so that some look while others already remove and take.
        for (let wait = 0; wait < index % 7; wait += 1) await turn()
        await withLock(path, async () => {
          most = Math.max(most, (inside += 1))
          await sleep(2)
          inside -= 1
        })
      }),
    )
    expect(most).toBe(1)
  })
})
