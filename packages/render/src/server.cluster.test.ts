import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { fc } from '@fast-check/vitest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubeconfigPath, kubectlPath } from '@homeslice/sandbox'
import { startTrial, type Trial } from '@homeslice/sandbox/trial'
import { homes as randomHomes, parsed } from './homes.testing.ts'
import type { KubeObject } from './object.ts'
import { homeAt, homeWith, podsOf, renderSample, renderWhole } from './samples.testing.ts'
import { looksLikeMore } from './traps.testing.ts'
import { toYaml } from './yaml.ts'

const everything = homeAt('packages/config/fixtures/accept/everything.yaml')
const homes = [
  ['the example home', homeAt('home/example.yaml'), 'prod'],
  ['its staging', homeAt('home/example.yaml'), 'staging'],
  ['the home with everything', everything, 'prod'],
  ['its staging', everything, 'staging'],
] as const

let trial: Trial

/** What a real API server says to objects, warnings included; the first of its errors where it refuses. */
const apply = async (objects: readonly KubeObject[], ...more: string[]): Promise<string> => {
  const places = { name: trial.name, folders: trial.folders }
  const how = [`--kubeconfig=${kubeconfigPath(places)}`, '--server-side', '--validate=strict', ...more]
  const running = promisify(execFile)(kubectlPath(trial.folders), ['apply', ...how, '-f', '-'])
  running.child.stdin?.end(toYaml(objects.map(withLogin)))
  const done = await running.catch((error: unknown) => error as { stderr: string })
  return done.stderr
}

/** A login is filled in when it is applied, and the server wants one of that form. */
const withLogin = (object: KubeObject): KubeObject =>
  object.type === 'kubernetes.io/dockerconfigjson'
    ? { ...object, data: { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') } }
    : object

const ground = ['ServiceAccount', 'ResourceQuota', 'LimitRange']

/** What pods stand on is there for real: dry runs know nothing of each other. */
const layGround = async (objects: readonly KubeObject[]): Promise<string> => {
  const namespaces = await apply(objects.filter(({ kind }) => kind === 'Namespace'))
  return namespaces + (await apply(objects.filter(({ kind }) => ground.includes(kind))))
}

/** The pods that controllers would make, made directly: admission judges them then, not their templates. */
const barePods = (objects: readonly KubeObject[]): KubeObject[] =>
  podsOf(objects).map(({ object: { metadata }, labels, spec }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: metadata.name, ...(metadata.namespace ? { namespace: metadata.namespace } : {}), labels },
    spec,
  }))

beforeAll(async () => {
  trial = await startTrial('render')
  await trial.kubectl(['create', 'namespace', 'homeslice-system'])
})

afterAll(async () => {
  await trial.remove()
})

describe('a real API server', () => {
  it.each(homes)('takes every object and every pod of %s without a warning', async (_, home, env) => {
    const { objects } = renderWhole(home, env)
    expect(await layGround(objects)).toBe('')
    expect(await apply(objects, '--dry-run=server')).toBe('')
    expect(await apply(barePods(objects), '--dry-run=server')).toBe('')
  })

  it('takes what any valid home becomes', { timeout: 120_000 }, async () => {
    for (const home of fc.sample(randomHomes, { seed: 7, numRuns: 8 })) {
      const { objects } = renderSample(parsed(home))
      expect(await layGround(objects)).toBe('')
      expect([home, await apply([...objects, ...barePods(objects)], '--dry-run=server')]).toEqual([home, ''])
    }
  })

  it('refuses what it should, so its silence means something', async () => {
    const { objects } = renderSample(homeAt('home/example.yaml'))
    expect(await layGround(objects)).toBe('')
    const misspelt = objects
      .filter(({ kind }) => kind === 'Deployment')
      .map((one) => ({ ...one, spec: { ...(one.spec as object), replica: 1 } }))
    expect(await apply(misspelt, '--dry-run=server')).toContain('field not declared in schema')
    const privileged = barePods(objects).map((pod) => ({ ...pod, spec: { ...(pod.spec as object), hostPID: true } }))
    expect(await apply(privileged, '--dry-run=server')).toContain('violates PodSecurity "restricted:v1.36"')
  })

  it.each([
    ['a network with bits of its host', ['192.168.1.5/24', '2001:DB8:0::1/48']],
    ['the whole internet', ['0.0.0.0/0', '::/0']],
  ])('takes policies for a house of %s', async (_, lan) => {
    const home = homeWith(
      { one: { image: 'registry.test/x:1', egress: 'internet' } },
      { cluster: { context: 'k3s', lan } },
    )
    const { objects } = renderSample(home)
    expect(await layGround(objects)).toBe('')
    expect(
      await apply(
        objects.filter(({ kind }) => kind === 'NetworkPolicy'),
        '--dry-run=server',
      ),
    ).toBe('')
  })

  it('reads our YAML as it was meant', async () => {
    const data = Object.fromEntries(looksLikeMore.map((text, index) => [`key-${index}`, text]))
    const metadata = { name: 'traps', namespace: 'default' }
    expect(await apply([{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }])).toBe('')
    const read = await trial.kubectl(['get', 'configmap', 'traps', '--output=json'])
    expect((JSON.parse(read) as { data: object }).data).toEqual(data)
  })
})
