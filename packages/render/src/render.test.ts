import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseHome } from '@homeslice/config'
import type { KubeObject } from './object.ts'
import { render, versionOf } from './render.ts'
import { homeAt, homeWith, images, podsOf, renderSample, renderWhole } from './samples.testing.ts'
import { toYaml } from './yaml.ts'

const golden = (name: string): string => join(import.meta.dirname, '..', 'golden', name)
const example = homeAt('home/example.yaml')
const everything = homeAt('packages/config/fixtures/accept/everything.yaml')

describe('golden files', () => {
  it.each([
    ['example.prod.yaml', example, 'prod'],
    ['example.staging.yaml', example, 'staging'],
    ['everything.prod.yaml', everything, 'prod'],
    ['everything.staging.yaml', everything, 'staging'],
  ])('%s', async (name, home, env) => {
    await expect(toYaml(renderWhole(home, env).objects)).toMatchFileSnapshot(golden(name))
  })
})

describe('render', () => {
  it('puts objects in order of kind, namespace and name, across sets and in each', () => {
    const keyOf = ({ kind, metadata: { namespace = '', name } }: KubeObject): string =>
      [kind, namespace, name].join(' ')
    const { objects, sets } = renderSample(everything)
    for (const one of [objects, ...Object.values(sets)]) expect(one.map(keyOf)).toEqual(one.map(keyOf).toSorted())
  })

  it('gives each part its say before network policy is made', () => {
    const edge = { kind: 'internet', from: 'clocktime' } as const
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'added', namespace: 'casa-prod-clocktime' },
    }
    const { objects, sets } = render(example, {
      env: 'prod',
      images,
      secretVersions: {},
      parts: [() => ({ objects: [object], edges: [edge] })],
    })
    expect(sets['casa-prod-platform']).toContain(object)
    const policy = objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'clocktime')
    expect(JSON.stringify(policy)).toContain('0.0.0.0/0')
  })

  it('names an image of ours as it is where none was built', () => {
    const { workloads } = render(example, { env: 'prod', images: {}, secretVersions: {} })
    expect(workloads.map(({ image }) => image)).toContain('clocktime')
  })

  it('throws for an environment that does not exist: a bug of the caller', () => {
    expect(() => renderSample(example, 'nowhere')).toThrow('there is no environment nowhere')
  })

  it('gives a secret that the vault does not have version 0', () => {
    const home = homeAt('packages/config/fixtures/accept/everything.yaml')
    const { objects } = render(home, { env: 'prod', images, secretVersions: {} })
    const names = objects.filter(({ kind }) => kind === 'Secret').map(({ metadata }) => metadata.name)
    expect([...new Set(names)].toSorted()).toEqual([
      'key-v0',
      'known-hosts-v0',
      'machine-key-v0',
      'machine-v0',
      'pull-v0',
      'todoist-v0',
      'token-v0',
      'wemo-v0',
    ])
  })

  it.each([
    ['on a cluster of the user', { context: 'k3s', lan: ['192.0.2.0/24'] }, [{ name: 'pull-v3' }]],
    ['in the sandbox', {}, undefined],
  ])('hands every pod the login that images are pulled with, %s', (_, cluster, login) => {
    const home = homeWith({ clock: { use: 'clocktime' } }, { cluster: { ...cluster, pullSecret: 'pull' } })
    const { objects } = render(home, { env: 'prod', images, secretVersions: { pull: 3 } })
    expect(podsOf(objects).map(({ spec }) => spec.imagePullSecrets)).toEqual([login])
    const secrets = objects.filter(({ kind }) => kind === 'Secret').map(({ type }) => type)
    expect(secrets).toEqual(login === undefined ? [] : ['kubernetes.io/dockerconfigjson'])
  })

  it('changes the version of a service with what it renders, and only then', () => {
    const set = (home = example) => versionOf(renderSample(home).sets['casa-prod-buttons'] ?? [])
    expect(set()).toMatch(/^[0-9a-f]{12}$/u)
    expect(set()).toBe(set())
    const changed = parseHome(
      'version: 1\nhome: { name: casa, timezone: Europe/Lisbon, domain: casa.test }\nservices:\n  clocktime: { use: clocktime }\n  buttons: { use: buttons, needs: [clocktime], env: { LOG_LEVEL: debug } }\n',
    )
    expect(changed.ok && set(changed.home)).not.toBe(set())
  })
})
