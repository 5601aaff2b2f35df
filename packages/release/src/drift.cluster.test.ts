import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type Connection, lookedAt } from '@homeslice/cluster'
import { kubeconfigPath } from '@homeslice/sandbox'
import { startTrial, type Trial, waitingPods } from '@homeslice/sandbox/trial'
import { driftLooker } from './drift.ts'
import { bringUp, estateOf, goBack, type TestHome } from './home.testing.ts'

let trial: Trial
let connection: Connection

/** Of a program that only waits; every sandbox has it. */
const image =
  (waitingPods('x', 'x')[1] as { spec: { containers: { image: string }[] } }).spec.containers[0]?.image ?? ''

beforeAll(async () => {
  trial = await startTrial('drift')
  const connected = await connect({ kubeconfig: kubeconfigPath(trial) })
  if (!connected.ok) throw new Error(connected.message)
  connection = connected.connection
})
afterAll(() => trial?.remove())

const pod = (name: string, value: string, spec = ''): TestHome => ({
  name,
  services: `  pod: { image: "${image}", env: { VALUE: "${value}" }${spec} }\n`,
})
const driftIn = async (home: TestHome, looker = driftLooker(connection)): Promise<string[]> => {
  const seen = await looker({ estate: estateOf(home), secrets: true })
  return seen.ok
    ? seen.drift.map(({ object, change, path = '' }) => `${change} ${object.kind} ${path}`)
    : [seen.message]
}
const replicas = (namespace: string, number: number) =>
  trial.kubectl([
    'patch',
    'deployment',
    'pod',
    '-n',
    namespace,
    '--type=merge',
    '-p',
    `{"spec":{"replicas":${number}}}`,
  ])

describe('what was applied last', () => {
  it('is the newest version, also one that was gone back to, whatever the home file says', async () => {
    const home = (number: number): TestHome => pod('last', 'a', `, replicas: ${number}`)
    expect(await bringUp(connection, home(1))).toMatchObject({ ok: true })
    expect(await bringUp(connection, home(2))).toMatchObject({ ok: true })
    expect(await driftIn(home(1))).toEqual([])
    await replicas('last-prod-pod', 1)
    expect(await driftIn(home(1))).toEqual(['changed Deployment spec.replicas'])
    expect(await goBack(connection, { estate: estateOf(home(1)), service: 'pod', to: 1 })).toMatchObject({ ok: true })
    expect(await driftIn(home(1))).toEqual([])
  })

  it('is the version before, where that had to come back for one that failed; all else is the newest one', async () => {
    const home = (value: string): TestHome => pod('back', value, ', data: { /data: 16Mi }')
    const failing = { ...home('2'), services: home('2').services.replace(image, 'registry.test/none:1') }
    expect(await bringUp(connection, home('1'))).toMatchObject({ ok: true })
    expect(await bringUp(connection, failing, { deadlineSeconds: 4 })).toMatchObject({ ok: true })
    expect(await driftIn(home('1'))).toEqual([])
    await replicas('back-prod-pod', 0)
    expect(await driftIn(home('1'))).toEqual([])
    await trial.kubectl(['set', 'env', 'deployment', 'pod', '-n', 'back-prod-pod', 'VALUE=3'])
    expect(await driftIn(home('1'))).toEqual(['changed Deployment spec.template.spec.containers[pod].env[VALUE].value'])
  })

  it('is nothing of a service that left, or of an environment that never was', async () => {
    const home = pod('left', 'a')
    expect(await driftIn(home)).toEqual([])
    expect(await bringUp(connection, home)).toMatchObject({ ok: true })
    expect(await bringUp(connection, { ...home, services: '  {}\n' })).toMatchObject({ ok: true })
    expect(await driftIn(home)).toEqual([])
  })

  it('can be told while versions come one after another', async () => {
    const home = (number: number): TestHome =>
      pod('busy', String(number), `, files: { /etc/x: "${number}" }, replicas: 0`)
    let over = false
    const found: string[] = []
    const looking = (async () => {
      const looker = driftLooker(connection)
      while (!over) found.push(...(await driftIn(home(0), looker)))
    })()
    for (let number = 0; number < 25; number += 1) {
      expect(await bringUp(connection, home(number))).toMatchObject({ ok: true })
    }
    over = true
    await looking
    expect(found).toEqual([])
  })
})

describe('a home of a thousand objects', () => {
  const services = Array.from(
    { length: 130 },
    (_, index) => `  s${index}: { image: "${image}", port: 8000, replicas: 0 }\n`,
  )
  const home: TestHome = { name: 'large', services: services.join('') }

  it('is looked at with one list of each kind, and nothing of it is kept but what was applied', async () => {
    expect(await bringUp(connection, home)).toMatchObject({ ok: true })
    const calls: string[] = []
    const counting: Connection = {
      ...connection,
      call: (call) => {
        calls.push(call.path.replace(/\?.*$/u, ''))
        return connection.call(call)
      },
    }
    const looker = driftLooker(counting)
    const look = async (): Promise<number> => {
      calls.length = 0
      const seen = await looker({ estate: estateOf(home), secrets: false })
      expect(seen).toMatchObject({ ok: true, drift: [], blind: [] })
      return seen.ok ? seen.objects : 0
    }
    const objects = await look()
    expect([objects > 1000, calls.length > 130]).toEqual([true, true])
    await look()
    // A list of many objects comes in pages, and no object is asked for alone.
    expect(new Set(calls).size).toBe(lookedAt({ secrets: false }).length + 1)
    expect(calls.length).toBeLessThan(60)
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const heap = (): number => {
      collect()
      return Math.round(process.memoryUsage().heapUsed / 2 ** 20)
    }
    const before = heap()
    for (let round = 0; round < 40; round += 1) await look()
    const after = heap()
    process.stdout.write(
      `${objects} objects, ${calls.length} calls a look; heap ${before} MiB, after 40 looks ${after} MiB\n`,
    )
    expect(after - before).toBeLessThan(10)
  })
})
