import { describe, expect, it } from 'vitest'
import type { KubeObject } from '@homeslice/render'
import { heldRoutes } from './route-owners.ts'

type Shape = {
  readonly home?: string
  readonly host?: string
  readonly path?: string
  readonly section?: string
  readonly gateway?: string
  readonly born?: string
  readonly match?: object
}

const route = ({
  home,
  host,
  path = '/lights',
  section = 'web',
  gateway = 'main',
  born = '1',
  match,
}: Shape): KubeObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: {
    name: 'lights',
    namespace: `${home ?? 'media'}-prod-lights`,
    creationTimestamp: born,
    ...(home === undefined ? {} : { labels: { 'homeslice.dev/home': home, 'homeslice.dev/env': 'prod' } }),
  },
  spec: {
    parentRefs: [{ namespace: 'kube-system', name: gateway, ...(section === '' ? {} : { sectionName: section }) }],
    ...(host === undefined ? {} : { hostnames: [host] }),
    rules: [{ matches: [match ?? { path: { type: 'PathPrefix', value: path } }] }],
  },
})
const estate = { home: 'casa', env: 'prod' }
const held = (live: readonly KubeObject[], ours: Shape = {}): string[] =>
  heldRoutes([route({ ...ours, home: 'casa' })], live, estate).map(({ address, holder }) => `${address}: ${holder}`)

describe('an address', () => {
  it('of another home is held by it', () => {
    expect(held([route({ home: 'villa' })])).toEqual([
      '/lights: the home villa (prod), by HTTPRoute villa-prod-lights/lights',
    ])
  })

  it('of a route that is nobody’s home is held by that', () => {
    expect(held([route({})])).toEqual(['/lights: HTTPRoute media-prod-lights/lights'])
  })

  it.each<[string, Shape, Shape]>([
    ['with a slash at its end', { path: '/lights/' }, {}],
    ['of every listener', { section: '' }, {}],
    ['where we ask for every listener', {}, { section: '' }],
    ['with a host', { host: 'a.test' }, { host: 'a.test' }],
    ['that says no more than all', { match: {} }, { path: '/' }],
  ])('%s is the same one', (_, theirs, ours) => {
    expect(held([route({ ...theirs, home: 'villa' })], ours)).toHaveLength(1)
  })

  it.each<[string, Shape]>([
    ['another path', { path: '/heat' }],
    ['a path below it', { path: '/lights/hall' }],
    ['another host', { host: 'a.test' }],
    ['another listener', { section: 'websecure' }],
    ['another Gateway', { gateway: 'other' }],
    ['one path alone', { match: { path: { type: 'Exact', value: '/lights' } } }],
    [
      'only what has a header',
      { match: { path: { type: 'PathPrefix', value: '/lights' }, headers: [{ name: 'x', value: 'y' }] } },
    ],
  ])('is not held by a route for %s', (_, theirs) => {
    expect(held([route({ ...theirs, home: 'villa' })])).toEqual([])
  })

  it('of ours that is older stays ours, and one that is younger does not', () => {
    const theirs = route({ home: 'villa', born: '2026-01-02T00:00:00Z' })
    expect(held([theirs, route({ home: 'casa', born: '2026-01-01T00:00:00Z' })])).toEqual([])
    expect(held([theirs, route({ home: 'casa', born: '2026-01-03T00:00:00Z' })])).toHaveLength(1)
  })

  it('is told once, also where a rule without matches asks for all', () => {
    const spec = { parentRefs: [{ name: 'main' }], rules: [{}] }
    const theirs = route({ home: 'villa' })
    const all = { ...theirs, metadata: { ...theirs.metadata, namespace: 'kube-system' }, spec }
    const wanted = route({ home: 'casa', path: '/' })
    expect(heldRoutes([wanted, wanted], [all, all], estate)).toEqual([
      { address: '/', holder: 'the home villa (prod), by HTTPRoute kube-system/lights', wantedBy: 'lights' },
    ])
  })

  it('is asked for by routes alone', () => {
    expect(heldRoutes([{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' } }], [route({})], estate)).toEqual(
      [],
    )
  })
})
