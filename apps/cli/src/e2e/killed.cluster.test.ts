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
const kinds =
  'ns,sa,clusterrole,clusterrolebinding,role,rolebinding,resourcequota,limitrange,netpol,secret,configmap,pvc,middleware,pdb,svc,deploy,cronjob,httproute'
const identity = ({ kind, metadata }: Object): string => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`

let house: House

const live = async (): Promise<string[]> => {
  const list = load(await house.kubectl('get', kinds, '-A', '-l', 'homeslice.dev/home=casa', '-o', 'json')) as {
    items: Object[]
  }
  return list.items.map(identity).toSorted()
}
/** What versions that are kept still read, as it is listed among all objects. */
const named = async (): Promise<Set<string>> => {
  const records = await house.kubectl(
    'get',
    'secrets',
    '-n',
    'homeslice-system',
    '-l',
    'homeslice.dev/record-home=casa',
    '-o',
    'jsonpath={.items[*].metadata.annotations.homeslice\\.dev/holds}',
  )
  return new Set(records.split(/[ ,]/u).map((identity) => identity.replace('//', ' ')))
}
/** Nothing is missing, and there is nothing but what is wanted and what kept versions read. */
const converged = async (): Promise<void> => {
  const [there, all, kept] = [await live(), await wanted(), await named()]
  expect(there.filter((one) => !kept.has(one) || all.includes(one))).toEqual(all)
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

/** Every write that a run told of, as `applied Service casa-prod-x/x`. */
const effectsIn = (log: string): string[] => {
  try {
    return [...readFileSync(log, 'utf8').matchAll(/"detail":"((?:applied|deleted) [^"]*)"/gu)].map(
      ([, told = '']) => told,
    )
  } catch {
    return []
  }
}

const waves = ['parents', 'namespaces', 'ground', 'workloads', 'routes', 'prune'] as const
type Wave = (typeof waves)[number]

const wavesOfKinds: Readonly<Record<string, Wave>> = {
  Namespace: 'namespaces',
  PodDisruptionBudget: 'workloads',
  Deployment: 'workloads',
  CronJob: 'workloads',
  HTTPRoute: 'routes',
}
const waveOf = (effect: string): Wave => {
  const [verb, kind = '', place = ''] = effect.split(' ')
  if (verb === 'deleted') return 'prune'
  return place.startsWith('homeslice-system/') ? 'parents' : (wavesOfKinds[kind] ?? 'ground')
}

/** When a run towards one of the two homes is killed: after so many effects of a wave. `after` counts from the first one. */
type Moment = { readonly towards: 0 | 1; readonly after: number; readonly wave: Wave; readonly nth: number }

/** A run may begin a few effects later or earlier than the one that was counted: versions that are kept hold some of them. */
const isPast = ({ wave, nth }: Moment, effects: readonly Wave[]): boolean =>
  effects.filter((one) => one === wave).length >= nth || effects.some((one) => waves.indexOf(one) > waves.indexOf(wave))

/** Spread evenly from the first effect to the last, with a little of the seed in each, and at least one in each wave. */
const spread = (runs: readonly [readonly Wave[], readonly Wave[]], count: number, seed: number): Moment[] => {
  const moment = (towards: 0 | 1, after: number): Moment => {
    const effects = runs[towards]
    const held = Math.max(1, Math.min(effects.length - 1, after))
    const wave = effects[held - 1] ?? 'prune'
    return { towards, after: held, wave, nth: effects.slice(0, held).filter((one) => one === wave).length }
  }
  const even = Array.from({ length: count }, (_, index) => {
    const towards = index % 2 === 0 ? 1 : 0
    const jitter = ((seed >> (index % 16)) % 3) - 1
    return moment(towards, Math.round(1 + (index * (runs[towards].length - 2)) / (count - 1)) + jitter)
  })
  const passed = waves.filter((wave) => even.every((one) => one.wave !== wave))
  return passed.reduce((all, wave) => {
    const [near = 0] = all
      .map((one, index) => ({ index, away: Math.abs(one.after - (runs[one.towards].indexOf(wave) + 1)) }))
      .filter(({ index }) => {
        const one = all[index]
        return one && runs[one.towards].includes(wave) && all.filter((other) => other.wave === one.wave).length > 1
      })
      .toSorted((a, b) => a.away - b.away)
      .map(({ index }) => index)
    return all.map((one, index) => (index === near ? moment(one.towards, runs[one.towards].indexOf(wave) + 1) : one))
  }, even)
}

/**
 * Begins a run and kills it with its children once it is time, and gives the effects that it had told of. One that was
 * over before the kill is prepared and begun anew.
 */
const killed = async (
  { words, log }: { readonly words: readonly string[]; readonly log: string },
  prepare: () => Promise<void>,
  isTime: (effects: readonly string[], milliseconds: number) => boolean,
): Promise<readonly string[]> => {
  for (let times = 0; times < 5; times += 1) {
    await prepare()
    rmSync(log, { force: true })
    const began = performance.now()
    const running = house.begin(...words, '--log', log)
    let isOver = false
    void running.ended.then(() => (isOver = true))
    while (!isOver && !isTime(effectsIn(log), performance.now() - began)) await sleep(1)
    if (running.child.pid !== undefined && !isOver) process.kill(-running.child.pid, 'SIGKILL')
    if ((await running.ended).signal === 'SIGKILL') return effectsIn(log)
  }
  throw new Error(`${words.join(' ')} was over before the kill, five times`)
}

beforeAll(async () => {
  house = await startHouse()
})
afterAll(() => house.remove())

describe('`up`, killed', () => {
  const seed = Number(process.env.HOMESLICE_SEED ?? Math.floor(Math.random() * 1e9))
  const log = (): string => join(house.folder, 'up.log')
  let planned: readonly Moment[] = []

  const effectsTowards = async (home: 0 | 1): Promise<Wave[]> => {
    await house.write(homes[home])
    rmSync(log(), { force: true })
    expect((await house.homeslice('up', '--log', log())).code).toBe(0)
    return effectsIn(log()).map(waveOf)
  }

  it('makes effects that can be counted, in each wave', async () => {
    await effectsTowards(0)
    const there = await effectsTowards(1)
    const back = await effectsTowards(0)
    planned = spread([back, there], moments, seed)
    process.stdout.write(`killed: seed ${seed}, ${moments} moments over ${there.length} and ${back.length} effects\n`)
    expect(there.length).toBeGreaterThan(20)
    expect(waves.filter((wave) => planned.every((one) => one.wave !== wave))).toEqual([])
  })

  it.each(Array.from({ length: moments }, (_, index) => index))(
    'at moment %i, converges the next time',
    async (index) => {
      const moment = planned[index]
      if (moment === undefined) throw new Error('there is a moment for each index')
      const { towards, wave } = moment
      // Whatever the run before was killed over, this one begins at the other home, whole.
      const prepare = async (): Promise<void> => {
        await house.write(homes[towards === 1 ? 0 : 1])
        expect((await house.homeslice('up')).code).toBe(0)
        await house.write(homes[towards])
      }
      const done = await killed({ words: ['up'], log: log() }, prepare, (effects) =>
        isPast(moment, effects.map(waveOf)),
      )
      process.stdout.write(`killed after ${done.length} effects, in ${wave}: ${done.at(-1)}\n`)
      const again = await house.homeslice('up')
      expect([again.code, again.stderr.match(/not ready.*/gu)]).toEqual([0, null])
      await converged()
      expect((await house.homeslice('plan', '--json')).stdout).toContain('"changes": []')
    },
  )
})

/** What else writes: how it is begun, and the home that is wanted once it was killed. */
const others = [
  {
    verb: 'rollback',
    before: [homes[0], homes[0].replace('{ use: clocktime }', '{ use: clocktime, env: { A: "2" } }')],
    words: ['rollback', 'clocktime'],
  },
  { verb: 'destroy', before: [homes[0]], words: ['destroy', '--yes'] },
  {
    verb: 'up after a rename',
    before: [homes[0]],
    renamed: homes[0].replace('  buttons: { use: buttons', '  knobs: { use: buttons'),
    words: ['up'],
  },
] as const

describe.each(others)('`$verb`, killed', ({ before, words, ...more }) => {
  const log = (): string => join(house.folder, 'other.log')
  const count = process.env.HOMESLICE_SOAK === '1' ? 50 : 2
  let [effects, milliseconds] = [0, 0]

  const prepare = async (): Promise<void> => {
    for (const home of before) {
      await house.write(home)
      const { code, stderr } = await house.homeslice('up')
      expect([code, stderr]).toEqual([0, expect.any(String)])
    }
    if ('renamed' in more) await house.write(more.renamed)
    rmSync(log(), { force: true })
  }

  it('makes effects that can be counted', async () => {
    await prepare()
    const began = performance.now()
    expect((await house.homeslice(...words, '--log', log())).code).toBe(0)
    milliseconds = performance.now() - began
    effects = effectsIn(log()).length
    expect(effects).toBeGreaterThan(0)
  })

  it.each(Array.from({ length: count }, (_, index) => index))(
    'at moment %i, is followed by an `up` that converges',
    async (index) => {
      // From before the first effect to before the last, and anywhere between that one and the next.
      const after = Math.round((index * (effects - 1)) / (count - 1))
      let longest = (milliseconds * 2) / (effects + 1)
      let [pause, since] = [0, 0]
      const draw = async (): Promise<void> => {
        longest /= 2
        pause = Math.random() * longest
        since = Number.POSITIVE_INFINITY
        await prepare()
      }
      const done = await killed({ words, log: log() }, draw, (told, now) => {
        if (told.length >= after) since = Math.min(since, now)
        return now > since + pause
      })
      process.stdout.write(`killed ${words[0]} after ${done.length} of ${effects} effects\n`)
      const again = await house.homeslice('up')
      expect([again.code, again.stderr.match(/not ready.*/gu)]).toEqual([0, null])
      await converged()
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
    await converged()
  })
})
