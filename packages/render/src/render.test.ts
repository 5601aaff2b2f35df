import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseHome } from '@homeslice/config'
import { labelsOf, selectorOf } from './names.ts'
import { render, versionOf } from './render.ts'
import { homeAt, images, renderSample } from './samples.testing.ts'
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
    await expect(toYaml(renderSample(home, env).objects)).toMatchFileSnapshot(golden(name))
  })
})

describe('what is frozen', () => {
  it('selects pods by name alone: a changed selector would mean an outage', () => {
    expect(selectorOf('switches')).toEqual({ 'app.kubernetes.io/name': 'switches' })
  })

  it('labels every object with who made it, for whom', () => {
    expect(labelsOf({ home: 'casa', env: 'prod', service: 'switches' }, 'default-deny')).toEqual({
      'app.kubernetes.io/component': 'service',
      'app.kubernetes.io/instance': 'default-deny',
      'app.kubernetes.io/managed-by': 'homeslice',
      'app.kubernetes.io/name': 'switches',
      'app.kubernetes.io/part-of': 'casa',
      'homeslice.dev/env': 'prod',
      'homeslice.dev/home': 'casa',
      'homeslice.dev/service': 'switches',
      owner: 'casa',
    })
  })
})

describe('render', () => {
  it('keeps routes closed that nothing can guard yet, and says so', () => {
    const { closed, objects } = renderSample(homeAt('packages/config/fixtures/accept/foreign-image.yaml'))
    expect(closed).toEqual([
      { service: 'web', route: 0, reason: 'closed: needs sign-in' },
      { service: 'web', route: 1, reason: 'closed: needs sign-in' },
    ])
    expect(objects.filter(({ kind }) => kind === 'HTTPRoute' || kind === 'Middleware')).toEqual([])
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
    expect(objects.filter(({ kind }) => kind === 'Secret').map(({ metadata }) => metadata.name)).toEqual([
      'key-v0',
      'token-v0',
    ])
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

describe('YAML for older readers', () => {
  it.each(['n', 'on', 'yes', 'no', '012', '1e3', '0x1f', '2026-01-01', '12:30', '~', 'null', '', ' a', 'a: b', '# c'])(
    'quotes %j',
    (value) => {
      const text = toYaml([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { key: value } }])
      expect(text).toMatch(/key: ['"]/u)
    },
  )
})
