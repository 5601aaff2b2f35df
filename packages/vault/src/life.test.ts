import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { start } from '@homeslice/testing'
import { hasEnded, lifeOf } from './life.ts'

const nobody = 999_999_999
/** A life as it was written, but for one of its parts. */
const but = (part: 'pid' | 'host' | 'boot' | 'space' | 'start', value: string): string => {
  const parts = lifeOf(process.pid).split(' ')
  parts[['pid', 'host', 'boot', 'space', 'start'].indexOf(part)] = value
  return parts.join(' ')
}

describe('whether a process has ended', () => {
  it('is told of one that runs, of one that was never there, and of one that was killed', async () => {
    expect(hasEnded(lifeOf(process.pid))).toBe(false)
    expect(hasEnded(lifeOf(nobody))).toBe(true)
    const { child, ended } = start('sleep', ['60'])
    const life = lifeOf(child.pid ?? 0)
    expect(hasEnded(life)).toBe(false)
    child.kill('SIGKILL')
    await ended
    expect(hasEnded(life)).toBe(true)
  })

  it.each([
    ['the number is that of another process by now', but('start', '1'), true],
    ['the machine was started anew', but('boot', '0b7e0c52-3c3a-4ef1-9d55-7a0f2f4f9a11'), true],
    ['it is of another machine', but('host', `${hostname()}-other`), false],
    ['it is of another container', but('space', '4026530000'), false],
    ['it is no number', but('pid', '-1'), false],
    ['nothing is known of it', '', false],
  ])('goes by more than its number: %s', (...[, life, ended]) => expect(hasEnded(life)).toBe(ended))

  it('is told of one that only waits to be buried', async () => {
    // Its parent becomes another program, which never asks how it ended.
    const parent = spawn('sh', ['-c', 'cat <&3 & echo "$!"; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    })
    const [said] = (await once(parent.stdio[1] as Readable, 'data')) as [Buffer]
    const life = lifeOf(Number(said))
    expect(hasEnded(life)).toBe(false)
    ;(parent.stdio[3] as Writable).end()
    await expect.poll(() => hasEnded(life), { timeout: 15_000 }).toBe(true)
    expect(lifeOf(Number(said))).toMatch(/ ended$/u)
    parent.kill()
    await once(parent, 'close')
  })
})
