import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fc } from '@fast-check/vitest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundled, run, start, startProgram, startWrongly } from '@homeslice/testing'
import * as contract from '@homeslice/testing/contract'
import { doings, seen, setStage, type Stage, startStage } from './stage.testing.ts'

const soak = process.env.HOMESLICE_SOAK === '1'
const folder = mkdtempSync(join(tmpdir(), 'homeslice-chimes-'))
const none = { device: () => Promise.resolve(), stateOf: () => Promise.resolve(false) }
let bundle = ''
let stage: Stage
beforeAll(async () => {
  bundle = await bundled('services/chime/src/main.ts', folder)
  stage = await startStage(['127.0.13.11', '127.0.13.12'], true)
}, 60_000)
afterAll(async () => {
  await stage.household.stop()
  rmSync(folder, { recursive: true })
})

const words = (limit: number, sound = 'gong'): string[] => [
  '127.0.13.12',
  'Gong',
  `http://192.0.2.1/${sound}.mp3`,
  `--limit-seconds=${limit}`,
]
const env = (state: string): Record<string, string> => ({ CHIME_STATE_FOLDER: join(folder, state) })
const chime = (limit: number, state: string, sound?: string) =>
  start(process.execPath, [bundle, ...words(limit, sound)], { env: env(state) })
/** Music that plays goes on while programs start and end, so the place in a track is not compared. */
const standing = doings.filter((doing) => doing !== 'queue')

describe('chime as it ships', () => {
  it('chimes, and leaves all as it was', async () => {
    setStage(stage, 'station', [20, 30])
    const before = seen(stage)
    const ended = await run(process.execPath, [bundle, ...words(0.2)], { env: {} })
    expect([ended.code, seen(stage)]).toEqual([0, before])
    expect(ended.stdout).toContain('"msg":"chimed"')
  })

  it.each(contract.chimeStarts.map((row) => [row.name, row] as const))('does not start %s', async (_, row) => {
    const { code, stderr } = await startWrongly(bundle, row)
    expect({ code, stderr }).toEqual({ code: row.exit, stderr: expect.stringMatching(row.says) as string })
  })

  it('after SIGTERM at any time has put every speaker back', async () => {
    const moment = fc.record({
      milliseconds: fc.integer({ min: 0, max: 500 }),
      signal: fc.constantFrom('SIGTERM' as const, 'SIGINT' as const),
      doing: fc.constantFrom(...standing),
    })
    let ended = 0
    const property = fc.asyncProperty(moment, async ({ milliseconds, signal, doing }) => {
      setStage(stage, doing, [20, 30])
      const before = seen(stage)
      const calls = stage.calls.length
      const program = chime(0.3, 'terminated')
      // From its first call on: a program that has not begun yet ends as every program does.
      while (stage.calls.length === calls) await sleep(5)
      await sleep(milliseconds)
      program.child.kill(signal)
      const { code } = await program.ended
      ended += code === 0 ? 0 : 1
      expect([0, signal === 'SIGTERM' ? 143 : 130]).toContain(code)
      expect(seen(stage)).toEqual(before)
    })
    await fc.assert(property, { numRuns: soak ? 200 : 6 })
    expect(ended).toBeGreaterThan(0)
  }, 1_800_000)

  it('after SIGKILL at any time is put right by the next run, first of all', async () => {
    const moment = fc.record({
      milliseconds: fc.integer({ min: 0, max: 300 }),
      doing: fc.constantFrom(...standing),
    })
    const property = fc.asyncProperty(moment, async ({ milliseconds, doing }) => {
      setStage(stage, doing, [20, 30])
      const before = seen(stage)
      const calls = stage.calls.length
      const program = chime(2, 'killed')
      while (stage.calls.length === calls) await sleep(5)
      await sleep(milliseconds)
      program.child.kill('SIGKILL')
      await program.ended
      expect((await chime(0.1, 'killed').ended).code).toBe(0)
      expect(seen(stage)).toEqual(before)
    })
    await fc.assert(property, { numRuns: soak ? 50 : 3 })
  }, 1_800_000)

  it('twice at once on one folder queues', async () => {
    setStage(stage, 'station', [20, 30])
    const before = seen(stage)
    const heard: string[] = []
    stage.onCall(() => {
      const { uri } = stage.den.state()
      if (heard.at(-1) !== uri) heard.push(uri)
    })
    const both = ['one', 'two'].map((sound) => chime(0.5, 'twice', sound).ended)
    expect((await Promise.all(both)).map(({ code }) => code)).toEqual([0, 0])
    stage.onCall(() => undefined)
    const music = 'x-rincon-mp3radio://radio.example/a'
    // Between the two sounds it is as it was found.
    expect(heard.map((uri) => (uri === music ? 'music' : 'sound'))).toEqual([
      'music',
      'sound',
      'music',
      'sound',
      'music',
    ])
    expect(seen(stage)).toEqual(before)
  }, 60_000)

  it('serves sounds until it is told to end', async () => {
    const sounds = join(folder, 'sounds')
    mkdirSync(join(sounds, 'folder.mp3'), { recursive: true })
    writeFileSync(join(sounds, 'gong.mp3'), '0123456789')
    writeFileSync(join(sounds, 'secret.txt'), 'secret')
    symlinkSync('/etc/hostname', join(sounds, 'link.mp3'))
    const program = await startProgram(bundle, ['serve-sounds', sounds], {})
    const wrong = await Promise.all(
      contract.chimeRows.map((row) => contract.checkRow({ host: '127.0.0.1', port: program.port, ...none }, row)),
    )
    expect(wrong.flat()).toEqual([])
    program.child.kill('SIGTERM')
    expect((await program.ended).code).toBe(0)
  })
})
