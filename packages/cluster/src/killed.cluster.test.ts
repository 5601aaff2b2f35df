import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { identityOf, type KubeObject } from '@homeslice/render'
import { kubeconfigPath } from '@homeslice/sandbox'
import { startTrial, type Trial, waitingPods } from '@homeslice/sandbox/trial'
import { labelsOfEstate, sameParent } from './applyset.ts'
import { connect, type Connection } from './connection.ts'
import { bringUp, estateOf, objectsOf, type Shape } from './estate.testing.ts'
import type { Orders } from './killed.testing.ts'
import { listAll } from './objects.ts'
import { observe } from './observe.ts'
import { listParents } from './parents.ts'

const home = 'killed'
const estate = estateOf(home)
const folder = mkdtempSync(join(tmpdir(), 'homeslice-killed-'))
let trial: Trial
let connection: Connection

const image =
  (waitingPods('x', 'x')[1] as { spec: { containers: { image: string }[] } }).spec.containers[0]?.image ?? ''

/** Two homes that differ in every wave. */
const homes: readonly [Record<string, Shape>, Record<string, Shape>] = [
  {
    stays: { image, value: '1', route: '/stays', quota: { pods: '4' } },
    goes: { image, secret: 1, route: '/goes' },
  },
  {
    stays: { image, value: '2', secret: 2, volume: '16Mi' },
    comes: { image, schedule: '0 4 * * *', route: '/comes', quota: { pods: '4' } },
  },
]

/** Runs `up` in a process of its own; gives the writes that it began. */
const run = (
  services: Record<string, Shape>,
  kill?: Orders['kill'],
): Promise<{ effects: string[]; killed: boolean }> => {
  const orders: Orders = { kubeconfig: kubeconfigPath(trial), home, services, ...(kill ? { kill } : {}) }
  const file = join(folder, 'orders.json')
  writeFileSync(file, JSON.stringify(orders))
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'killed.testing.ts'), file])
    let out = ''
    let wrong = ''
    child.stdout.on('data', (chunk) => (out += String(chunk)))
    child.stderr.on('data', (chunk) => (wrong += String(chunk)))
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0) {
        resolve({ effects: out.split('\n').filter((line) => line !== ''), killed: signal === 'SIGKILL' })
      } else reject(new Error(wrong))
    })
  })
}

/** One that has fewer writes than the run that was counted is killed at its last one. */
const runKilled = async (kill: NonNullable<Orders['kill']>): ReturnType<typeof run> => {
  const first = await run(homes[1], kill)
  if (first.killed) return first
  await converges(homes[0])
  return run(homes[1], { ...kill, write: first.effects.length - 1 })
}

const objects = async (): Promise<KubeObject[]> => {
  const listed = await listAll(connection, labelsOfEstate(estate))
  if (!listed.ok) throw new Error(listed.message)
  return listed.objects
}

/** On the way back a volume goes, and a route opens again. */
const allow = ['data-loss:stays', 'exposure:stays']

/** Brings the other home up in this process and checks that nothing of the dead one is left. */
const converges = async (services: Record<string, Shape>): Promise<void> => {
  const desired = objectsOf(estate, services)
  const applied = await bringUp(connection, { estate, desired, allow, deadlineSeconds: 60 })
  expect(applied.ok ? applied.services.filter(({ ready }) => !ready) : applied).toEqual([])
  expect((await objects()).map(identityOf).toSorted()).toEqual(desired.map(identityOf).toSorted())
  const observed = await observe(connection, estate, { desired, allow: [] })
  expect(observed.ok && observed.plan.steps).toEqual([])
  await exactParents(desired)
}

const exactParents = async (desired: readonly KubeObject[]): Promise<void> => {
  const { parentOf } = await import('./applyset.ts')
  const listed = await listParents(connection, estate)
  const parents = listed.ok ? listed.parents : []
  const namespaces = [...new Set(desired.map(({ kind, metadata }) => (kind === 'Namespace' ? metadata.name : '')))]
  const sets = namespaces.filter((name) => name !== '').toSorted()
  expect(parents.map(({ metadata }) => metadata.name).toSorted()).toEqual(sets)
  const wrong = parents.filter((parent) => {
    const { name } = parent.metadata
    const members = desired.filter((one) => (one.metadata.namespace ?? one.metadata.name) === name)
    return !sameParent(parent, parentOf(name, estate, members))
  })
  expect(wrong.map(({ metadata }) => metadata)).toEqual([])
}

beforeAll(async () => {
  trial = await startTrial('killed')
  const connected = await connect({ kubeconfig: kubeconfigPath(trial) })
  if (!connected.ok) throw new Error(connected.message)
  connection = connected.connection
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await trial?.remove()
})

describe('an `up` that is killed at one of its writes', () => {
  it('leaves nothing that the next one does not mend, at every sort of write', async () => {
    await converges(homes[0])
    const there = (await run({ ...homes[1] })).effects
    await converges(homes[0])
    const classes = [...new Set(there)]
    expect(classes.length).toBeGreaterThan(12)
    process.stdout.write(`killed: ${classes.length} sorts of ${there.length} writes: ${classes.join(', ')}\n`)
    const every = process.env.HOMESLICE_SOAK === '1'
    const moments = every
      ? there.flatMap((_, write) => [
          { write, when: 'before' as const },
          { write, when: 'after' as const },
        ])
      : classes.map((effect, index) => ({
          write: there.indexOf(effect),
          when: index % 2 === 0 ? ('after' as const) : ('before' as const),
        }))
    let kills = 0
    for (const kill of moments) {
      const { killed, effects } = await runKilled(kill)
      kills += killed ? 1 : 0
      // Half of the time the home file has changed back meanwhile.
      const next = homes[kills % 2]
      if (next === undefined) throw new Error('there are two homes')
      try {
        await converges(next)
      } catch (error) {
        throw new Error(`killed ${kill.when} write ${kill.write}, ${effects[kill.write]}`, { cause: error })
      }
      if (next !== homes[0]) await converges(homes[0])
    }
    expect(kills).toBe(moments.length)
  }, 3_600_000)
})
