import { describe, expect, it } from 'vitest'
import { leadsOutside } from './redirect.ts'
import { find, homeAt, homeWith, type Loose, renderSample } from './samples.testing.ts'

const web = (routes: readonly object[], more: object = {}) =>
  renderSample(homeWith({ web: { image: 'registry.test/x:1', port: 8080, routes } }, more))

const routesOf = ({ objects }: { readonly objects: readonly Loose[] }): Loose[] =>
  objects.filter(({ kind }) => kind === 'HTTPRoute')

describe('who may come in', () => {
  it('keeps routes closed that nothing can guard yet, and says so', () => {
    const { closed, objects } = renderSample(homeAt('packages/config/fixtures/accept/foreign-image.yaml'))
    expect(closed).toEqual([
      { service: 'web', route: 0, reason: 'closed: needs sign-in' },
      { service: 'web', route: 1, reason: 'closed: needs sign-in' },
    ])
    expect(objects.filter(({ kind }) => kind === 'HTTPRoute' || kind === 'Middleware')).toEqual([])
  })

  it('lets the networks of the home in where a route is for the home', () => {
    const rendered = web([{ who: 'home' }], { cluster: { context: 'k3s', lan: ['192.0.2.0/24', 'fd00::/8'] } })
    expect(routesOf(rendered)[0].spec.rules[0].filters).toEqual([
      { type: 'ExtensionRef', extensionRef: { group: 'traefik.io', kind: 'Middleware', name: 'home-only' } },
    ])
    expect(find(rendered.objects, 'Middleware', 'home-only', 'web').spec).toEqual({
      ipAllowList: { sourceRange: ['192.0.2.0/24', 'fd00::/8'] },
    })
    expect(rendered.closed).toEqual([])
  })

  it('puts nothing before a route for everyone', () => {
    const rendered = web([{ who: 'everyone', because: 'guests' }])
    expect(routesOf(rendered)[0].spec.rules[0]).not.toHaveProperty('filters')
    expect(rendered.objects.filter(({ kind }) => kind === 'Middleware')).toEqual([])
  })

  it('opens only the routes that can be guarded', () => {
    const rendered = web([{ paths: ['/a'] }, { paths: ['/b'], who: 'key' }, { paths: ['/c'], who: 'home' }])
    expect(routesOf(rendered).map(({ spec }) => spec.rules[0].matches)).toEqual([
      [{ path: { type: 'PathPrefix', value: '/c' } }],
    ])
    expect(rendered.closed.map(({ route }) => route)).toEqual([0, 1])
  })

  it('closes routes for a home of no known network: an empty list would be nobody, or everybody', () => {
    const home = homeWith({ web: { image: 'registry.test/x:1', port: 8080, routes: [{ who: 'home' }] } })
    const rendered = renderSample({ ...home, cluster: { ...home.cluster, lan: [] } })
    expect(routesOf(rendered)).toEqual([])
    expect(rendered.edges).toEqual([])
    expect(rendered.closed).toEqual([
      { service: 'web', route: 0, reason: 'closed: needs cluster.lan, the networks of the home' },
    ])
  })
})

describe('where routes hang', () => {
  it('on the plain and the TLS listener, or on the one that the home names', () => {
    const sections = (gateway?: object): string[] =>
      routesOf(
        web([{ who: 'home' }], gateway && { cluster: { context: 'k3s', gateway, lan: ['192.0.2.0/24'] } }),
      )[0].spec.parentRefs.map(({ namespace, name, sectionName }: Loose) => `${namespace}/${name}/${sectionName}`)
    expect(sections()).toEqual(['homeslice-gateway/homeslice/http', 'homeslice-gateway/homeslice/https'])
    expect(sections({ namespace: 'kube-system', name: 'traefik', section: 'web' })).toEqual(['kube-system/traefik/web'])
  })

  it('at their names, and outside prod below the environment', () => {
    const services = {
      web: { image: 'registry.test/x:1', port: 80, routes: [{ who: 'home' }, { host: 'a.casa.test', who: 'home' }] },
    }
    const home = homeWith(services, { environments: { prod: {} } })
    expect(routesOf(renderSample(home)).map(({ spec }) => spec.hostnames)).toEqual([undefined, ['a.casa.test']])
    const staging = renderSample(homeAt('home/example.yaml'), 'staging')
    expect(new Set(routesOf(staging).map(({ spec }) => spec.hostnames[0]))).toEqual(new Set(['staging.casa.test']))
  })
})

describe('the bare address', () => {
  const web = { image: 'registry.test/x:1', port: 80, routes: [{ who: 'home', paths: ['/a', '/b'] }] }
  const elsewhere = (environments: object, services: object = { web }) =>
    routesOf(renderSample(homeWith(services, { environments }))).filter(({ metadata }) => metadata.name === 'elsewhere')

  it('leads nowhere by the name of another environment', () => {
    const [refused] = elsewhere({ prod: {}, staging: {}, lab: { domain: 'lab.example.test' } })
    expect(refused.spec).toMatchObject({
      hostnames: ['*.casa.test', '*.example.test'],
      rules: [
        {
          matches: [{ path: { value: '/a' } }, { path: { value: '/b' } }],
          filters: [{ extensionRef: { kind: 'Middleware', name: 'nobody' } }],
        },
      ],
    })
    expect(refused.spec.rules[0].backendRefs).toBeUndefined()
  })

  it.each([
    ['where there is no other environment', { prod: {} }, undefined],
    ['where another one has a name of one word', { prod: {}, lab: { domain: 'lab' } }, undefined],
    [
      'of what has a name of its own',
      { prod: {}, staging: { services: { web: false } } },
      { web: { ...web, routes: [{ ...web.routes[0], host: 'a.casa.test' }] } },
    ],
    ['of what is closed', { prod: {}, staging: {} }, { web: { ...web, routes: [{ who: 'person' }] } }],
  ])('has nothing to refuse %s', (_, environments, services) => {
    expect(elsewhere(environments, services)).toEqual([])
  })
})

describe('redirects', () => {
  const redirected = (to: string, cluster?: object) =>
    renderSample(
      homeWith(
        { clocktime: { use: 'clocktime', routes: [] } },
        {
          redirects: [
            { path: '/unifi', to },
            { host: 'old.casa.test', to },
          ],
          ...(cluster ? { cluster } : {}),
        },
      ),
    )

  it.each([
    ['https://192.0.2.1:8443/', { scheme: 'https', hostname: '192.0.2.1', port: 8443, path: '/' }],
    ['https://new.test/a/b', { scheme: 'https', hostname: 'new.test', port: 443, path: '/a/b' }],
    ['http://new.test', { scheme: 'http', hostname: 'new.test', port: 80, path: '/' }],
  ])('go to %s whole', (to, { path, ...expected }) => {
    const [byPath, byHost] = routesOf(redirected(to))
    const [filter] = byPath.spec.rules[0].filters.slice(1)
    expect(filter.requestRedirect).toEqual({
      ...expected,
      path: { type: 'ReplaceFullPath', replaceFullPath: path },
      statusCode: 301,
    })
    expect(byPath.spec.rules[0].matches).toEqual([{ path: { type: 'PathPrefix', value: '/unifi' } }])
    expect(byHost.spec).toMatchObject({ hostnames: ['old.casa.test'] })
    expect(byHost.spec.rules[0].matches).toEqual([{ path: { type: 'PathPrefix', value: '/' } }])
  })

  it.each([
    ['https://192.168.7.1/', undefined],
    ['https://192.0.2.1:8443/', undefined],
    ['https://casa.test/', undefined],
    ['https://a.b.casa.test/', undefined],
    ['http://nas/', undefined],
    ['http://nas.local/', undefined],
    ['https://8.8.8.8/', { 'homeslice.dev/leads': 'outside' }],
    ['https://casa.test.example/', { 'homeslice.dev/leads': 'outside' }],
    ['https://notcasa.test/', { 'homeslice.dev/leads': 'outside' }],
  ])('say whether they lead out of the house: %s', (to, annotations) => {
    const [byPath] = routesOf(redirected(to))
    expect([byPath.metadata.annotations, leadsOutside(byPath)]).toEqual([annotations, annotations !== undefined])
  })

  it('lead to the networks of the home, wherever they are', () => {
    const [byPath] = routesOf(redirected('https://8.8.8.8/', { context: 'k3s', lan: ['8.8.8.0/24'] }))
    expect(leadsOutside(byPath)).toBe(false)
  })

  it('lie in a guarded namespace of their own where no pod may run', () => {
    const { sets } = redirected('https://new.test/')
    const namespace = { namespace: 'casa-prod-redirects' }
    expect(sets['casa-prod-platform']?.map(({ kind }) => kind)).toEqual([
      'HTTPRoute',
      'HTTPRoute',
      'Middleware',
      'Namespace',
      'NetworkPolicy',
      'ResourceQuota',
    ])
    expect(sets['casa-prod-platform']?.at(-1)).toMatchObject({ metadata: namespace, spec: { hard: { pods: '0' } } })
  })

  it('stay closed for a home of no known network', () => {
    const { objects, closed } = redirected('https://new.test/', { context: 'k3s' })
    expect(routesOf({ objects })).toEqual([])
    expect(objects.filter(({ metadata }) => metadata.namespace === 'casa-prod-redirects')).toEqual([])
    expect(closed).toHaveLength(2)
    expect(closed[1]).toEqual({
      service: 'redirects',
      route: 1,
      reason: 'closed: needs cluster.lan, the networks of the home',
    })
  })
})
