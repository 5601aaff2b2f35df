import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { homes, parsed, slowly } from './homes.testing.ts'
import type { KubeObject } from './object.ts'
import { notedOpenings, openingsNote, openingsOf } from './opening.ts'
import { find, homeWith, renderSample } from './samples.testing.ts'

const namespace = (note?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'x', ...(note === undefined ? {} : { annotations: { 'homeslice.dev/openings': note } }) },
})
const route = (spec: object): KubeObject => ({ apiVersion: 'v1', kind: 'HTTPRoute', metadata: { name: 'x' }, spec })
const backendRefs: object[] = []

describe('who may come in', () => {
  it('is said by the namespace of a service, of closed routes too', () => {
    const routes = [
      { who: 'home', paths: ['/a', '/b'] },
      { host: 'a.casa.test', who: 'person', paths: ['/'] },
    ]
    const { objects } = renderSample(homeWith({ web: { image: 'a:1', port: 80, routes } }))
    expect(notedOpenings(find(objects, 'Namespace', 'casa-prod-web', 'web'))).toEqual([
      { who: 'home', path: '/a' },
      { who: 'home', path: '/b' },
      { who: 'person', host: 'a.casa.test', path: '/' },
    ])
  })

  it('is said in so many words where nobody comes in', () => {
    const home = homeWith({ web: { image: 'a:1', port: 80 } })
    const routes = [{ who: 'home', paths: ['/'], plain: false } as const]
    const nobody = { 'homeslice.dev/openings': 'nobody' }
    expect(openingsNote([], home)).toEqual(nobody)
    expect(openingsNote(routes, { ...home, cluster: { ...home.cluster, lan: [] } })).toEqual(nobody)
    expect(find(renderSample(home).objects, 'Namespace', 'casa-prod-web', 'web').metadata.annotations).toEqual(nobody)
  })

  it.each([
    [undefined, []],
    ['', []],
    ['nobody', []],
    ['nobody /a', []],
    ['home a', []],
    [
      'everyone a.b/c | key /',
      [
        { who: 'everyone', host: 'a.b', path: '/c' },
        { who: 'key', path: '/' },
      ],
    ],
  ])('is read from %j', (note, openings) => {
    expect(notedOpenings(namespace(note))).toEqual(openings)
  })

  it.each([
    ['nothing', {}, []],
    ['a redirect', { rules: [{ filters: [] }] }, []],
    ['a rule for all', { rules: [{ backendRefs }] }, [{ who: 'everyone', path: '/' }]],
    ['a match without a path', { rules: [{ backendRefs, matches: [{}] }] }, [{ who: 'everyone', path: '/' }]],
    [
      'two names and two paths',
      {
        hostnames: ['a', 'b'],
        rules: [{ backendRefs, matches: [{ path: { value: '/x' } }, { path: { value: '/y' } }] }],
      },
      ['a/x', 'b/x', 'a/y', 'b/y'].map((one) => ({ who: 'everyone', host: one[0], path: one.slice(1) })),
    ],
    [
      'our guard',
      { rules: [{ backendRefs, filters: [{ extensionRef: { name: 'home-only' } }] }] },
      [{ who: 'home', path: '/' }],
    ],
    [
      'a guard of others, and a filter that is none',
      { rules: [{ backendRefs, filters: [{ type: 'URLRewrite' }, { extensionRef: { name: 'theirs' } }] }] },
      [{ who: 'person', path: '/' }],
    ],
  ])('is read from a route: %s', (_, spec, openings) => {
    expect(openingsOf(route(spec))).toEqual(openings)
  })

  test.prop([homes, fc.constant('prod')])(
    'is the same in a namespace as in its open routes',
    (written, env) => {
      const { objects, workloads } = renderSample(parsed(written), env)
      for (const { namespace: name } of workloads) {
        const own = objects.filter(({ metadata }) => metadata.namespace === name || metadata.name === name)
        const noted = own.filter(({ kind }) => kind === 'Namespace').flatMap(notedOpenings)
        const open = own.filter(({ kind }) => kind === 'HTTPRoute').flatMap(openingsOf)
        expect(noted.filter(({ who }) => who === 'home' || who === 'everyone')).toEqual(open)
      }
    },
    slowly,
  )
})
