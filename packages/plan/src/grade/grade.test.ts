import { describe, expect, it } from 'vitest'
import { identityOf, type KubeObject } from '@homeslice/render'
import { makePlan, type PlanInput, type Verdict } from '../plan.ts'
import { kept, planBetween } from '../server.testing.ts'
import { data, home, web } from '../table/home.testing.ts'

const make = (kind: string, name: string, more: Readonly<Record<string, unknown>> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'casa-prod-notes', labels: { 'homeslice.dev/service': 'notes' } },
  ...more,
})
const namespace = make('Namespace', 'casa-prod-notes')
const policy = make('NetworkPolicy', 'notes', { spec: { podSelector: {} } })
const becomes = (object: KubeObject): ReadonlyMap<string, Verdict> =>
  new Map([[identityOf(object), { kind: 'becomes', object, takenFrom: [] }]])
const pods = (spec: object, more: object = {}): KubeObject =>
  make('Deployment', 'notes', { spec: { template: { spec }, ...more } })

/** Grades and words of a plan. */
const said = (input: PlanInput): string[] =>
  makePlan(input).steps.map(({ grades, reason }) => `${grades.join()}: ${reason}`)

describe('what no home file leads to, but a cluster may hold', () => {
  it.each<[string, PlanInput, string[]]>([
    [
      'rights in the cluster',
      { desired: [{ ...make('Role', 'notes'), apiVersion: 'rbac.authorization.k8s.io/v1' }], live: [] },
      ['permission: notes would get rights in the cluster itself: Role'],
    ],
    [
      'a token of an account',
      {
        desired: [make('ServiceAccount', 'notes', { automountServiceAccountToken: true })],
        live: [make('ServiceAccount', 'notes', { automountServiceAccountToken: false })],
        verdicts: becomes(make('ServiceAccount', 'notes', { automountServiceAccountToken: true })),
      },
      ["permission: notes would get a token to call the cluster's own API (changes automountServiceAccountToken)"],
    ],
    [
      'a token of a pod',
      { desired: [pods({ automountServiceAccountToken: true })], live: [] },
      ["permission: notes would get a token to call the cluster's own API"],
    ],
    [
      'a policy that goes alone',
      { desired: [namespace], live: [namespace, policy] },
      ['reachability: nothing would hold back the traffic of notes any more'],
    ],
    [
      'a policy that comes back',
      { desired: [namespace, policy], live: [namespace] },
      ['reachability: notes is held to what it may reach'],
    ],
    [
      'a policy without ports',
      {
        desired: [
          make('NetworkPolicy', 'notes', { spec: { egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] } }),
        ],
        live: [],
      },
      ['reachability: notes would be able to reach 10.0.0.0/8'],
    ],
    [
      'a volume that its class cannot make larger',
      {
        desired: [make('PersistentVolumeClaim', 'data', { spec: { resources: { requests: { storage: '2Gi' } } } })],
        live: [make('PersistentVolumeClaim', 'data', { spec: { resources: { requests: { storage: '1Gi' } } } })],
        verdicts: new Map([
          [identityOf(make('PersistentVolumeClaim', 'data')), { kind: 'immutable', message: 'must support resize' }],
        ]),
      },
      [
        'data-loss: the volume data of notes cannot be made larger in its class (1Gi → 2Gi): it would be deleted with everything on it and made anew (cannot be changed in place: must support resize)',
      ],
    ],
    [
      'an image where there was none',
      {
        desired: [pods({ containers: [{ name: 'notes', image: 'a:1' }] })],
        live: [pods({})],
        verdicts: becomes(pods({ containers: [{ name: 'notes', image: 'a:1' }] })),
      },
      ['routine: changes template.spec.containers'],
    ],
    [
      'a limit taken away',
      {
        desired: [pods({ containers: [{ name: 'notes', resources: { limits: { cpu: '1' } } }] })],
        live: [pods({ containers: [{ name: 'notes', resources: { limits: { cpu: '1', memory: '64Mi' } } }] })],
        verdicts: becomes(pods({ containers: [{ name: 'notes', resources: { limits: { cpu: '1' } } }] })),
      },
      ['routine: memory limit 64Mi → none'],
    ],
    [
      'services that run nothing, one gone and one come',
      {
        desired: [{ ...namespace, metadata: { name: 'x', labels: { 'homeslice.dev/service': 'x' } } }],
        live: [namespace],
      },
      ['routine: no longer in the home file', 'routine: new'],
    ],
  ])('%s', (_, input, expected) => {
    expect(said(input)).toEqual(expected)
  })

  it('a volume seen at another path is told with what is on it', () => {
    const at = (mountPath: string): KubeObject =>
      pods(
        {
          containers: [{ name: 'notes', volumeMounts: [{ name: 'a', mountPath }] }],
          volumes: [{ name: 'a', persistentVolumeClaim: { claimName: 'data' } }],
          terminationGracePeriodSeconds: 15,
        },
        { strategy: { type: 'Recreate' } },
      )
    const plan = makePlan({ desired: [at('/srv')], live: [kept(at('/data'))], verdicts: becomes(at('/srv')) })
    expect(plan.steps).toMatchObject([
      {
        grades: ['downtime'],
        downtimeSeconds: 25,
        reason: expect.stringContaining('the volume at /data moves to /srv with everything on it') as string,
      },
    ])
  })

  describe('a guard of somebody else counts as one for fewer than the home', () => {
    const route = (path: string, guard?: string): KubeObject => {
      const filters = guard === undefined ? {} : { filters: [{ extensionRef: { name: guard } }] }
      return make('HTTPRoute', 'notes', {
        spec: { rules: [{ backendRefs: [], matches: [{ path: { value: path } }], ...filters }] },
      })
    }
    it.each([
      ['taken away', route('/'), 'notes would be open to everyone at /, so far to people who sign in'],
      [
        'at another path',
        route('/a', 'home-only'),
        'notes would be open to the home at /a, so far to people who sign in',
      ],
    ])('%s', (_, next, words) => {
      const live = [namespace, route('/', 'theirs')]
      const plan = makePlan({ desired: [namespace, next], live, verdicts: becomes(next) })
      expect(plan.steps.flatMap(({ dangers }) => dangers.map((danger) => danger.words))).toContain(words)
    })

    it('and does not make room for another address', () => {
      const live = [namespace, route('/b', 'theirs')]
      const next = route('/a', 'home-only')
      const { stopped } = makePlan({ desired: [namespace, next], live, verdicts: becomes(next) })
      expect(stopped.map(({ allow }) => allow)).toEqual(['exposure:notes'])
    })
  })
})

describe('what stops', () => {
  const before = web(`${data}, routes: [{ who: home }]`)
  const after = web('routes: [{ who: everyone, because: guests }]')

  it('is named once, the worst first, and goes on when all of it is allowed', () => {
    expect(planBetween(before, after).stopped).toEqual([
      { grade: 'data-loss', subject: 'notes', allow: 'data-loss:notes' },
      { grade: 'exposure', subject: 'notes', allow: 'exposure:notes' },
    ])
    expect(planBetween(before, after, { allow: ['data-loss:notes'] }).stopped.map(({ grade }) => grade)).toEqual([
      'exposure',
    ])
    expect(planBetween(before, after, { allow: ['exposure:notes', 'data-loss:notes'] }).stopped).toEqual([])
  })

  it('is allowed by its own name only', () => {
    const others = ['exposure:clock', 'exposure', 'notes', 'downtime:notes', 'exposure:notes2']
    expect(planBetween(before, after, { allow: others }).stopped).toHaveLength(2)
  })
})

describe('how long a service is away', () => {
  const before = web(data)
  const after = before.replace('notes:1', 'notes:2')
  const away = (startSeconds?: ReadonlyMap<string, number>): (number | undefined)[] =>
    planBetween(before, after, startSeconds ? { startSeconds } : {}).steps.map((step) => step.downtimeSeconds)

  it('is what it takes to end and to start', () => {
    expect(away()).toEqual([30])
  })

  it('is what was measured, where it was', () => {
    expect(away(new Map([['notes', 3]]))).toEqual([23])
    expect(away(new Map([['clock', 3]]))).toEqual([30])
  })

  it('is not said of what does not come back', () => {
    expect(planBetween(before, home('')).steps.map((step) => step.downtimeSeconds)).not.toContainEqual(
      expect.any(Number),
    )
  })
})

describe('where the home file says so', () => {
  it.each([
    ['a volume', web(data), web(''), ['services', 'notes', 'data', '/data']],
    ['a route', web('routes: []'), web('routes: [{ who: home }]'), ['services', 'notes', 'routes']],
    [
      'a network',
      web('routes: [{ who: home }]'),
      web('routes: [{ who: home }]').replace('.1.0/24', '.0.0/16'),
      ['cluster', 'lan'],
    ],
    [
      'a redirect',
      home(''),
      home('', 'redirects: [{ path: /a, to: "http://a/" }, { path: /b, to: "http://b.example/" }]'),
      ['redirects', 1],
    ],
    [
      'a device',
      home(''),
      home(
        '  switches: { use: switches, routes: [], devices: [lamp] }',
        'devices: { lamp: { kind: kasa, address: 192.168.1.7, simulate: true } }',
      ),
      ['devices', 'lamp'],
    ],
  ])('%s', (_, before, after, path) => {
    expect(planBetween(before, after).steps.flatMap(({ dangers }) => dangers.map(({ at }) => at))).toContainEqual(path)
  })
})
