import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { load, loadAll } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, houseText, startHouse } from '@homeslice/testing'

type Object = {
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; deletionTimestamp?: string }
}

/** 8 moments, or 50 where there is time. */
const moments = process.env.HOMESLICE_SOAK === '1' ? 50 : 8
const kinds = 'ns,sa,resourcequota,limitrange,netpol,secret,configmap,pvc,middleware,pdb,svc,deploy,cronjob,httproute'
const identity = ({ kind, metadata }: Object): string => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`

let house: House

const live = async (): Promise<string[]> => {
  const list = load(await house.kubectl('get', kinds, '-A', '-l', 'homeslice.dev/home=casa', '-o', 'json')) as {
    items: Object[]
  }
  return list.items.map(identity).toSorted()
}
const wanted = async (): Promise<string[]> =>
  (loadAll((await house.homeslice('render')).stdout) as Object[]).map(identity).toSorted()

/** Two homes that differ in every wave: services, routes, files, schedules come and go. */
const homes = [
  houseText(),
  houseText(
    '  spare: { use: clocktime, settings: { location: UTC }, routes: [{ paths: [/spare/] }] }\n  nightly: { image: "registry.test/nothing:1", schedule: "0 4 * * *" }\n',
  )
    .replace(', devices: [porch, lamp]', ', devices: [porch], env: { LOG_LEVEL: debug }')
    .replace('  buttons: { use: buttons, needs: [clocktime] }\n', ''),
] as const

const effectsIn = (log: string): string[] => {
  try {
    return readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => /"detail":"(applied|deleted) /u.test(line))
  } catch {
    return []
  }
}

beforeAll(async () => {
  house = await startHouse()
})
afterAll(() => house.remove())

describe('`up`, killed', () => {
  const seed = Number(process.env.HOMESLICE_SEED ?? Math.floor(Math.random() * 1e9))
  const log = (): string => join(house.folder, 'up.log')
  let total = 0

  it('makes effects that can be counted', async () => {
    await house.write(homes[0])
    expect((await house.homeslice('up', '--log', log())).code).toBe(0)
    rmSync(log())
    await house.write(homes[1])
    expect((await house.homeslice('up', '--log', log())).code).toBe(0)
    total = effectsIn(log()).length
    process.stdout.write(`killed: seed ${seed}, ${moments} moments over about ${total} effects\n`)
    expect(total).toBeGreaterThan(20)
  })

  it.each(Array.from({ length: moments }, (_, index) => index))(
    'at moment %i, converges the next time',
    async (index) => {
      await house.write(homes[index % 2] ?? '')
      rmSync(log(), { force: true })
      // Spread evenly from the first effect to the last, with a little of the seed in each.
      const jitter = ((seed >> (index % 16)) % 3) - 1
      const kill = Math.max(1, Math.min(total - 1, Math.round(1 + (index * (total - 2)) / (moments - 1)) + jitter))
      const running = house.begin('up', '--log', log())
      let ended = false
      void running.ended.then(() => (ended = true))
      while (!ended && effectsIn(log()).length < kill) await sleep(1)
      if (running.child.pid !== undefined && !ended) process.kill(-running.child.pid, 'SIGKILL')
      await running.ended
      const again = await house.homeslice('up')
      expect([again.code, again.stderr.match(/not ready.*/gu)]).toEqual([0, null])
      expect(await live()).toEqual(await wanted())
      expect((await house.homeslice('plan', '--json')).stdout).toContain('"changes": []')
    },
  )
})

describe('`up`, interrupted by Ctrl-C', () => {
  it('ends with 130 and says what is done and what is not', async () => {
    await house.write(homes[0].replace('{ use: clocktime }', '{ use: clocktime, env: { A: "1" } }'))
    const running = house.begin('up')
    await running.shows('changes')
    process.kill(running.child.pid ?? 0, 'SIGINT')
    const { code, stderr } = await running.ended
    expect([code, stderr]).toEqual([
      130,
      expect.stringMatching(/interrupted: .*(created|changed).*; the rest is not done/u) as string,
    ])
    expect((await house.homeslice('up')).code).toBe(0)
    expect(await live()).toEqual(await wanted())
  })
})
