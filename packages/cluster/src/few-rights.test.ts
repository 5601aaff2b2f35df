import { afterEach, describe, expect, it } from 'vitest'
import { allPowers, may, missingPowers } from './access.ts'
import { type Answers, serverWith, stopServers } from './answers.testing.ts'
import { kindOf } from './kinds.ts'
import { listKind } from './objects.ts'
import { within } from './places.ts'
import type { Power } from './powers.ts'

afterEach(stopServers)

const estate = { home: 'casa', env: 'prod' }
const parents = 'GET /api/v1/namespaces/homeslice-system/configmaps'
const parent = {
  metadata: {
    name: 'casa-prod-old',
    namespace: 'homeslice-system',
    annotations: {
      'applyset.kubernetes.io/tooling': 'homeslice/v1',
      'applyset.kubernetes.io/additional-namespaces': 'casa-prod-old',
    },
  },
}
const wanted = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'casa-prod-new' } }
const services = kindOf({ apiVersion: 'v1', kind: 'Service' })
const namespaces = kindOf({ apiVersion: 'v1', kind: 'Namespace' })
const inPlace = (namespace: string): object => ({ items: [{ metadata: { name: 'web', namespace } }] })
const labelled = (name: string, labels: object): object => ({ metadata: { name, labels } })

describe('where the whole cluster may not be looked through', () => {
  it('what is wanted and what parents name is, and the cluster is asked once', async () => {
    const { connection, asked } = await serverWith({
      [parents]: [200, { items: [parent] }],
      'GET /api/v1/namespaces/casa-prod-old/services': [200, inPlace('casa-prod-old')],
      'GET /api/v1/namespaces/casa-prod-new/services': [200, inPlace('casa-prod-new')],
    })
    const narrow = within(connection, estate, [wanted])
    for (const _ of [1, 2]) {
      const listed = await listKind(narrow, services, { labels: 'a=b' })
      expect(listed.ok && listed.objects.map(({ metadata }) => metadata.namespace)).toEqual([
        'casa-prod-new',
        'casa-prod-old',
      ])
    }
    expect(asked.filter((one) => one === 'GET /api/v1/services')).toHaveLength(1)
    expect(asked.filter((one) => one === parents)).toHaveLength(1)
  })

  it('namespaces are asked for by name, and those of others left out', async () => {
    const { connection } = await serverWith({
      [parents]: [200, { items: [parent] }],
      'GET /api/v1/namespaces/casa-prod-old': [200, labelled('casa-prod-old', { home: 'casa', env: 'prod' })],
      'GET /api/v1/namespaces/casa-prod-new': [200, labelled('casa-prod-new', { home: 'villa', env: 'prod' })],
    })
    const listed = await listKind(within(connection, estate, [wanted]), namespaces, { labels: 'home=casa,env=prod' })
    expect(listed.ok && listed.objects.map(({ metadata }) => metadata.name)).toEqual(['casa-prod-old'])
  })

  it('a namespace that is gone has nothing, and one that is not lets nothing be guessed', async () => {
    const gone: Answers = {
      [parents]: [200, { items: [parent] }],
      'GET /api/v1/namespaces/casa-prod-old': [404, { message: 'not found' }],
    }
    const first = await serverWith(gone)
    expect(await listKind(within(first.connection, estate), services, {})).toEqual({ ok: true, objects: [] })
    const there: Answers = { ...gone, 'GET /api/v1/namespaces/casa-prod-old': [200, labelled('casa-prod-old', {})] }
    const second = await serverWith(there)
    expect(await listKind(within(second.connection, estate), services, {})).toMatchObject({
      ok: false,
      forbidden: true,
    })
  })

  it('what belongs to no namespace is not there', async () => {
    const { connection } = await serverWith({ [parents]: [200, { items: [] }] })
    const volumes = kindOf({ apiVersion: 'v1', kind: 'PersistentVolume' })
    expect(await listKind(within(connection, estate), volumes, {})).toEqual({ ok: true, objects: [] })
  })

  it('nothing is known without the parents', async () => {
    const { connection } = await serverWith({})
    expect(await listKind(within(connection, estate), services, {})).toMatchObject({
      ok: false,
      message: 'you may not list configmaps: forbidden',
    })
  })
})

const rules = 'POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
const access = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
const power = (verb: string, resource: string, group = ''): Power => ({ verb, resource, group, namespace: 'n' })
const rule = (more: object = {}): object => ({ verbs: ['get'], apiGroups: [''], resources: ['pods'], ...more })

describe('powers', () => {
  it.each<[string, object, Power]>([
    ['a rule names it', rule(), power('get', 'pods')],
    ['a rule names all verbs', rule({ verbs: ['*'] }), power('delete', 'pods')],
    ['a rule names all groups', rule({ apiGroups: ['*'] }), power('get', 'pods', 'x')],
    ['a rule names all resources', rule({ resources: ['*'] }), power('get', 'pods/log')],
    ['a rule names the logs of all', rule({ resources: ['*/log'] }), power('get', 'pods/log')],
  ])('are there where %s', async (_, one, wants) => {
    const { connection } = await serverWith({ [rules]: [201, { status: { resourceRules: [one] } }] })
    expect(await missingPowers(connection, [wants])).toEqual({ ok: true, missing: [] })
  })

  it.each<[string, object, Power]>([
    ['a rule is about another verb', rule(), power('list', 'pods')],
    ['a rule is about another group', rule(), power('get', 'pods', 'x')],
    ['a rule is about another resource', rule(), power('get', 'pods/log')],
    ['a rule is about some by name', rule({ resourceNames: ['one'] }), power('get', 'pods')],
  ])('are missing where %s', async (_, one, wants) => {
    const { connection } = await serverWith({ [rules]: [201, { status: { resourceRules: [one] } }] })
    expect(await missingPowers(connection, [wants])).toEqual({ ok: true, missing: [wants] })
  })

  it('are asked for one by one where the list of rules is not all', async () => {
    const incomplete = { status: { resourceRules: [rule()], incomplete: true } }
    const { connection, asked } = await serverWith({
      [rules]: [201, incomplete],
      [access]: [201, { status: { allowed: true } }],
    })
    const wants = [power('get', 'pods'), power('get', 'pods/log')]
    expect(await missingPowers(connection, wants)).toEqual({ ok: true, missing: [] })
    expect(asked).toEqual([rules, access])
  })

  it('across the cluster are asked for one by one', async () => {
    const { connection } = await serverWith({ [access]: [201, { status: { allowed: false } }] })
    expect(await missingPowers(connection, [allPowers])).toEqual({ ok: true, missing: [allPowers] })
  })

  it('that the server does not tell of are a failure, not a no', async () => {
    const { connection } = await serverWith({})
    const failure = { ok: false, message: 'the cluster does not say what you may do: 403' }
    expect(await may(connection, allPowers)).toMatchObject(failure)
    expect(await missingPowers(connection, [allPowers])).toMatchObject(failure)
    expect(await missingPowers(connection, [power('get', 'pods')])).toMatchObject(failure)
  })
})
