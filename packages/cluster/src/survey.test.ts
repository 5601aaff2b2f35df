import { afterEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '@homeslice/render'
import { type Answers, serverWith, stopServers } from './answers.testing.ts'
import { survey } from './survey.ts'

afterEach(stopServers)

const estate = { home: 'casa', env: 'prod' }
const gateway = { namespace: 'kube-system', name: 'traefik-gateway', section: 'web' }
const labels = { 'homeslice.dev/home': 'casa', 'homeslice.dev/env': 'prod' }
const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'casa-prod-web', labels } }
const inPlace = (apiVersion: string, kind: string, spec: object): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'web', namespace: 'casa-prod-web', labels },
  spec,
})
const route = inPlace('gateway.networking.k8s.io/v1', 'HTTPRoute', {
  parentRefs: [{ namespace: 'kube-system', name: 'traefik-gateway', sectionName: 'web' }],
  rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/web' } }] }],
})
const desired = [
  namespace,
  inPlace('v1', 'PersistentVolumeClaim', {}),
  inPlace('traefik.io/v1alpha1', 'Middleware', {}),
  route,
]

const access = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
const theirGateway = 'GET /apis/gateway.networking.k8s.io/v1/namespaces/kube-system/gateways/traefik-gateway'
const routes = 'GET /apis/gateway.networking.k8s.io/v1/httproutes'
const pods = 'GET /api/v1/namespaces/kube-system/pods'
const classes = 'GET /apis/storage.k8s.io/v1/storageclasses'
const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' }

/** A cluster that has all, for somebody who may do all. */
const whole: Answers = {
  [access]: [201, { status: { allowed: true } }],
  'GET /apis/gateway.networking.k8s.io/v1': [200, { resources: [{ kind: 'HTTPRoute' }] }],
  'GET /apis/traefik.io/v1alpha1': [200, { resources: [{ kind: 'Middleware' }] }],
  [theirGateway]: [
    200,
    {
      spec: { listeners: [{ name: 'web', protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } }] },
      status: { conditions: [{ type: 'Programmed', status: 'True' }], addresses: [{ value: '192.0.2.10' }] },
    },
  ],
  [routes]: [200, { items: [] }],
  'GET /api/v1/namespaces/kube-system/services': [200, { items: [] }],
  [pods]: [200, { items: [{ metadata: { name: 'traefik-1' } }] }],
  [classes]: [200, { items: [{ metadata: { name: 'local-path', annotations: isDefault } }] }],
}

const lacksWith = async (answers: Answers): Promise<string[] | string> => {
  const { connection } = await serverWith({ ...whole, ...answers })
  const found = await survey(connection, { estate, desired, gateway })
  return found.ok ? found.lacks.map(({ about, message }) => `${about}: ${message}`) : found.message
}

describe('a cluster before anything is written to it', () => {
  it('that has all is looked at in one round, and tells its address', async () => {
    const { connection, asked } = await serverWith(whole)
    expect(await survey(connection, { estate, desired, gateway })).toEqual({
      ok: true,
      lacks: [],
      held: [],
      url: 'http://192.0.2.10',
    })
    expect(asked.toSorted()).toEqual(Object.keys(whole).toSorted())
  })

  it('is asked for no more than a home needs', async () => {
    const { connection, asked } = await serverWith(whole)
    expect(await survey(connection, { estate, desired: [namespace], gateway })).toEqual({
      ok: true,
      lacks: [],
      held: [],
    })
    expect(asked).toEqual([access])
  })

  it('that is ours has all; only its addresses may be taken', async () => {
    const theirs = {
      ...route,
      metadata: { ...route.metadata, namespace: 'villa-prod-web', labels: { 'homeslice.dev/home': 'villa' } },
    }
    const { connection, asked } = await serverWith({ ...whole, [routes]: [200, { items: [theirs] }] })
    expect(await survey(connection, { estate, desired })).toMatchObject({
      ok: true,
      lacks: [],
      held: [{ address: '/web' }],
    })
    expect(asked).toEqual([routes])
  })

  it.each<[string, Answers, string[]]>([
    [
      'has no Gateway API',
      { 'GET /apis/gateway.networking.k8s.io/v1': [404, {}], [theirGateway]: [404, {}], [routes]: [404, {}] },
      [
        'gateway: the cluster knows no HTTPRoute (gateway.networking.k8s.io/v1)',
        'gateway: there is no Gateway kube-system/traefik-gateway',
      ],
    ],
    [
      'has no Traefik',
      { 'GET /apis/traefik.io/v1alpha1': [404, {}], [pods]: [200, { items: [] }] },
      [
        'gateway: the cluster knows no Middleware (traefik.io/v1alpha1)',
        'gateway: the Gateway traefik-gateway lies in kube-system, where no pod has the label app.kubernetes.io/name: traefik',
      ],
    ],
    [
      'has no storage class',
      { [classes]: [200, { items: [] }] },
      ['storage: there is no default storage class, and some volume names none'],
    ],
    [
      'does not let us look',
      { [classes]: [403, {}], [routes]: [403, {}], [theirGateway]: [403, {}], [pods]: [403, {}] },
      [
        'rights: you may not list httproutes.gateway.networking.k8s.io in the whole cluster',
        'rights: you may not get gateways.gateway.networking.k8s.io in kube-system',
        'rights: you may not list storageclasses.storage.k8s.io in the whole cluster',
      ],
    ],
  ])('that %s says so', async (_, answers, lacks) => {
    expect(await lacksWith(answers)).toEqual(lacks)
  })

  it.each([routes, theirGateway, classes, access, 'GET /apis/traefik.io/v1alpha1'])(
    'that does not know who asks is no cluster that lacks something: %s',
    async (key) => {
      const words = await lacksWith({ [key]: [401, { message: 'who?' }] })
      expect(words).toMatch(/no longer knows who you are|does not say what/u)
    },
  )
})
