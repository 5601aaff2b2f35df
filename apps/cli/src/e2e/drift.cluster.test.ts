import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { connect } from '@homeslice/cluster'
import { driftLooker } from '@homeslice/release'
import { kubeconfigPath, runInPod } from '@homeslice/sandbox'
import { homeslice, type House, startHouse } from '@homeslice/testing'
import { canary, driftingHouse, type HandEdit, handEdits } from './hand-edits.testing.ts'

const drift = z.strictObject({
  service: z.string(),
  object: z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    namespace: z.string().optional(),
    name: z.string(),
  }),
  change: z.enum(['changed', 'added', 'removed', 'deleted', 'created']),
  path: z.string().optional(),
  before: z.string().optional(),
  after: z.string().optional(),
  manager: z.string().optional(),
  operation: z.enum(['Apply', 'Update']).optional(),
  time: z.iso.datetime().optional(),
})
const shape = z.strictObject({
  environment: z.literal('prod'),
  drift: z.array(drift.extend({ noticed: z.iso.datetime() })),
  blind: z.array(z.string()),
})
type Found = z.infer<typeof drift>
const seenShape = z.strictObject({
  time: z.iso.datetime(),
  count: z.number(),
  drift: z.array(drift.extend({ noticed: z.iso.datetime() })),
  blind: z.array(z.string()),
})
type Seen = z.infer<typeof seenShape>

let house: House
const look = async (): Promise<Found[]> => {
  const { stdout } = await house.homeslice('status', '--drift', '--json')
  return shape.parse(JSON.parse(stdout)).drift
}
const up = async () => {
  const { code, stdout } = await house.homeslice('up', '--json')
  return { code, error: (JSON.parse(stdout) as { error?: unknown }).error }
}
/** The uid of every object of ours, by name. */
const uids = async (): Promise<Map<string, string>> => {
  const kinds = 'ns,sa,resourcequota,limitrange,netpol,secret,configmap,pvc,middleware,svc,deploy,httproute'
  const text = await house.kubectl('get', kinds, '-A', '-l', 'owner=casa', '-o', 'json')
  const { items } = JSON.parse(text) as { items: { kind: string; metadata: Record<string, string> }[] }
  return new Map(
    items.map(({ kind, metadata: { namespace = '', name, uid = '' } }) => [`${kind} ${namespace}/${name}`, uid]),
  )
}
/** What the keeper wrote last. */
const seenByKeeper = async () => {
  const map = ['get', 'configmap', 'keeper', '-n', 'casa-prod-keeper', '-o', 'json']
  const { data } = JSON.parse(await house.kubectl(...map)) as { data?: Record<string, string> }
  return seenShape.optional().parse(data?.['drift.json'] && JSON.parse(data['drift.json']))
}
/** Waits until the keeper sees what is asked for, and gives the seconds that it took. */
const keeperSees = async (enough: (seen: Seen) => boolean, within: number): Promise<number> => {
  const begun = performance.now()
  for (;;) {
    const seen = await seenByKeeper()
    const seconds = Math.round((performance.now() - begun) / 1000)
    if (seen !== undefined && enough(seen)) return seconds
    if (seconds > within) throw new Error(`the keeper does not see it within ${within} s: ${JSON.stringify(seen)}`)
    await sleep(500)
  }
}
const managerOf = (index: number): string => `hand-${index}`

/** What the keeper answers on the port that only its own pod can call. */
const ofKeeper = async (path: string): Promise<string> => {
  const namespace = 'casa-prod-keeper'
  const pod = (await house.kubectl('get', 'pods', '-n', namespace, '-o', 'jsonpath={.items[0].metadata.name}')).trim()
  const command = ['curl', '-sf', `http://127.0.0.1:9000${path}`]
  const done = await runInPod({ name: 'default', folders: house.folders }, { namespace, pod }, command)
  if (!done.ok || done.finished.code !== 0) throw new Error(JSON.stringify(done))
  return done.finished.stdout
}

/** The edits of which these findings do not tell as they have to. */
const untold = (found: readonly Found[], { secrets = true } = {}): string[] =>
  handEdits.flatMap(({ what, told, nameless, timeless, secret }, index) => {
    if (secret && !secrets) return []
    const manager = managerOf(index)
    const mine = found.filter((one) => (nameless ? fits(one, told) : one.manager === manager))
    if (told === undefined) return mine.length === 0 ? [] : [`${what}: is told`]
    const [one] = mine.filter((each) => fits(each, told))
    if (one === undefined) return [`${what}: is not told, but ${JSON.stringify(mine)}`]
    const named = nameless ? one.manager === undefined : one.manager === manager && (timeless || one.time !== undefined)
    return named ? [] : [`${what}: by ${one.manager} at ${one.time}`]
  })

const fits = (one: Found, told: HandEdit['told'] = {}): boolean =>
  Object.entries(told).every(([key, value]) => {
    const said = one[key as Exclude<keyof Found, 'object'>] ?? ''
    return value instanceof RegExp ? value.test(said) : said === value
  })

beforeAll(async () => {
  house = await startHouse()
  const file = await house.write(driftingHouse)
  const env = { HOMESLICE_STATE: join(house.folder, 'state'), HOMESLICE_IDENTITY: join(house.folder, 'identity.txt') }
  const set = await homeslice(['secrets', 'set', 'token', '--file', file], { env, input: 'ours' })
  expect([set.code, set.stderr]).toEqual([0, expect.any(String) as string])
  expect(await up()).toEqual({ code: 0, error: undefined })
})
afterAll(() => house?.remove())

describe('a house that nobody touched', () => {
  it('has no drift', async () => {
    expect(await look()).toEqual([])
    expect((await house.homeslice('status', '--drift')).stdout).toMatch(/^casa \(prod\): no drift, \d+ objects/u)
  })
})

describe('what hands changed', () => {
  it('is seen by the keeper within a minute, but for secrets, which it may not look at', async () => {
    await keeperSees(({ count }) => count === 0, 60)
    expect((await house.homeslice('status')).stdout).toMatch(/^ {2}drift: 0, seen at \d{4}-/mu)
    for (const [index, { edit }] of handEdits.entries()) await edit(house, managerOf(index))
    const seconds = await keeperSees(({ drift: found }) => untold(found, { secrets: false }).length === 0, 60)
    const seen = await seenByKeeper()
    expect(seen?.drift.filter(({ object }) => object.kind === 'Secret')).toEqual([])
    expect((await house.homeslice('status')).stdout).toMatch(
      /^ {2}drift: \d\d, seen at \S+; what, by whom and when: homeslice status --drift$/mu,
    )
    const metrics = await ofKeeper('/metrics')
    expect(metrics).toMatch(
      /^homeslice_drift\{service="buttons",object="Deployment\/casa-prod-buttons\/buttons",manager="hand-0"\} 1$/mu,
    )
    process.stdout.write(`seen by the keeper ${seconds} s after the last of ${handEdits.length} edits\n`)
  })

  it('is told with who did it and when, and nothing else', async () => {
    const found = await look()
    expect(untold(found)).toEqual([])
    const text = await house.homeslice('status', '--drift')
    expect([text.code, text.stdout]).toEqual([
      0,
      expect.stringContaining('registry.test/other:1, by hand-0 at') as string,
    ])
    for (const shown of [JSON.stringify(found), text.stdout]) {
      expect(shown).not.toContain(canary)
      expect(shown).not.toContain(Buffer.from(canary).toString('base64'))
    }
    process.stdout.write(`${found.length} findings of ${handEdits.length} edits\n${text.stdout}`)
  })

  it('is taken back in place by the next `up`', async () => {
    const before = await uids()
    const plan = await house.homeslice('plan')
    process.stdout.write(plan.stdout)
    expect(await up()).toEqual({ code: 0, error: undefined })
    expect(await look()).toEqual([])
    await keeperSees(({ count }) => count === 0, 60)
    const after = await uids()
    const remade = [...before].filter(([name, uid]) => after.get(name) !== uid).map(([name]) => name)
    process.stdout.write(`remade: ${remade.join(', ')}\n`)
    expect(new Set(remade.map((name) => name.split(' ')[0]))).toEqual(new Set(['ConfigMap', 'Secret']))
    const again = await house.homeslice('plan')
    expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/^nothing changes/u) as string])
  })
})

/** In a soak, an hour of comparisons. */
const soak = process.env.HOMESLICE_SOAK === '1'
const rounds = soak ? { count: 60, seconds: 60 } : { count: 60, seconds: 2 }

describe('others who own what is theirs', () => {
  it('are no drift, however often they write', { timeout: 4_500_000 }, async () => {
    const connected = await connect({ kubeconfig: kubeconfigPath({ name: 'default', folders: house.folders }) })
    if (!connected.ok) throw new Error(connected.message)
    const looker = driftLooker(connected.connection)
    const estate = { home: 'casa', env: 'prod' }
    const stop = new AbortController()
    const others = Promise.all([scaleOnAndOn(stop.signal), ownOnAndOn(stop.signal)])
    const found: string[] = []
    for (let round = 0; round < rounds.count; round += 1) {
      await sleep(rounds.seconds * 1000)
      const seen = await looker({ estate, secrets: true })
      found.push(...(seen.ok ? seen.drift.map((one) => JSON.stringify(one)) : [seen.message]))
    }
    stop.abort()
    const [scaled, owned] = await others
    const keeper = await seenByKeeper()
    const memory = /^process_resident_memory_bytes\S* (\d+)/mu.exec(await ofKeeper('/metrics'))?.[1]
    process.stdout.write(
      `${rounds.count} looks, beside ${scaled} scales and ${owned} writes of others; the keeper has ${Math.round(Number(memory) / 2 ** 20)} MiB\n`,
    )
    expect([found, keeper?.drift]).toEqual([[], []])
    expect(Math.min(scaled, owned)).toBeGreaterThan(10)
  })
})

/** A scaler, where the home does not say how many. */
const scaleOnAndOn = async (signal: AbortSignal): Promise<number> => {
  let times = 0
  while (!signal.aborted) {
    times += 1
    const spec = JSON.stringify({ spec: { replicas: 1 + (times % 2) } })
    const scale = ['patch', 'deployment', 'buttons', '-n', 'casa-prod-buttons', '--subresource=scale']
    await house.kubectl(...scale, '--type=merge', '-p', spec, '--field-manager=scaler')
    await pause(signal)
  }
  return times
}

/** Another program that keeps its own labels and annotations on objects of ours, and writes them again and again. */
const ownOnAndOn = async (signal: AbortSignal): Promise<number> => {
  let times = 0
  const file = join(house.folder, 'theirs.json')
  while (!signal.aborted) {
    times += 1
    const metadata = { name: 'clocktime', namespace: 'casa-prod-clocktime' }
    const own = { labels: { theirs: String(times) }, annotations: { 'theirs.test/seen': String(times) } }
    const theirs = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...metadata, ...own } }
    await writeFile(file, JSON.stringify(theirs))
    const apply = ['apply', '--server-side', '--force-conflicts', '--field-manager=theirs', '-f', file]
    await house.kubectl(...apply)
    await pause(signal)
  }
  return times
}

const pause = (signal: AbortSignal): Promise<unknown> => sleep(2000, undefined, { signal }).catch(() => undefined)
