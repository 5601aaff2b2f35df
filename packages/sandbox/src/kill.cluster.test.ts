import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { placesOf } from './folders.ts'
import { kubectl } from './kubectl.ts'
import { findRunning } from './running.ts'
import { start } from './start.ts'
import { startTrial, waitingPods, type Trial } from './trial.ts'

const kills = process.env.HOMESLICE_SOAK ? 20 : 2
const seed = Number(process.env.HOMESLICE_SEED ?? Date.now() % 100_000)

let trial: Trial

beforeAll(async () => {
  trial = await startTrial('killed', { durable: true })
  await trial.apply(...waitingPods('kept', 'always'))
})

afterAll(() => trial?.remove())

/** Numbers between 0 and 1, the same for the same seed. */
const randomFrom = (from: number) => {
  let state = from
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

/** Writes ConfigMaps until the API server is gone; gives the names of those that it acknowledged. */
const writeUntilGone = async (round: number): Promise<string[]> => {
  const written: string[] = []
  const places = placesOf(trial.folders, trial.name)
  for (let i = 0; i < 1000; i++) {
    const name = `kept-${round}-${i}`
    const done = await kubectl(trial.folders, places, ['create', 'configmap', name, '-n', 'kept'], { timeout: 3000 })
    if (done.code !== 0) return written
    written.push(name)
  }
  return written
}

test(`killed ${kills} times while it is written to, it keeps all that it acknowledged (seed ${seed})`, async () => {
  const random = randomFrom(seed)
  const expected: string[] = []
  for (let round = 0; round < kills; round++) {
    const writing = writeUntilGone(round)
    await sleep(200 + random() * 1500)
    const running = findRunning(placesOf(trial.folders, trial.name))
    process.kill((random() < 0.5 ? running?.inner : running?.outer) ?? 0, 'SIGKILL')
    expected.push(...(await writing))
    expect(await start(trial)).toMatchObject({ ok: true, began: true })
    const listed = await trial.kubectl(['get', 'configmaps', '-n', 'kept', '-o', 'name'])
    const names = new Set(listed.split('\n').map((line) => line.replace('configmap/', '')))
    expect(expected.filter((name) => !names.has(name))).toEqual([])
  }
  expect(expected.length).toBeGreaterThan(kills)
  await trial.kubectl(['wait', 'pod/always', '-n', 'kept', '--for=condition=Ready', '--timeout=60s'])
})

test('started again at once, it has the same ports', async () => {
  const places = placesOf(trial.folders, trial.name)
  const before = readFileSync(places.settings, 'utf8')
  process.kill(findRunning(places)?.outer ?? 0, 'SIGKILL')
  expect(await start(trial)).toMatchObject({ ok: true, began: true })
  expect(readFileSync(places.settings, 'utf8')).toBe(before)
})

test('logs and the record of a killed sandbox do not keep it from starting', async () => {
  const places = placesOf(trial.folders, trial.name)
  const before = readFileSync(places.record, 'utf8')
  const running = findRunning(places)
  process.kill(running?.outer ?? 0, 'SIGKILL')
  await expect.poll(() => findRunning(places)).toBeUndefined()
  // The numbers are somebody else's by now, as after a reboot.
  writeFileSync(places.record, before.replaceAll(/"pid":\d+/g, `"pid":${process.pid}`))
  writeFileSync(join(places.root, 'programs.json'), '[{"na')
  expect(await start(trial)).toMatchObject({ ok: true, began: true })
})
