import { afterEach, describe, expect, it } from 'vitest'
import { parseHome } from '@homeslice/config'
import { keeper, type KubeObject } from '@homeslice/render'
import { serverWith, stopServers } from './answers.testing.ts'
import { groupOf, kindOf } from './kinds.ts'
import { lookedAt, present } from './present.ts'

afterEach(stopServers)

type Rule = Readonly<Record<'apiGroups' | 'resources' | 'verbs', readonly string[]>>

describe('what is compared', () => {
  it('is exactly what the keeper may read', () => {
    const read = parseHome('version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\nservices: {}\n')
    if (!read.ok) throw new Error(JSON.stringify(read.problems))
    const { prod } = read.home.environments
    if (prod === undefined) throw new Error('there is no prod')
    const { objects } = keeper({ images: {}, secretVersions: {} })(read.home, prod)
    const rules = objects.filter(({ kind }) => kind === 'ClusterRole').flatMap((one) => one.rules as Rule[])
    const may = rules.flatMap(({ apiGroups, resources }) =>
      apiGroups.flatMap((group) => resources.map((one) => `${one} ${group}`)),
    )
    const compared = lookedAt({ secrets: false }).map((kind) => `${kind.plural} ${groupOf(kind)}`)
    expect(may.toSorted()).toEqual(compared.toSorted())
    expect(lookedAt({ secrets: true })).toHaveLength(compared.length + 1)
  })
})

describe('what is there of a kind', () => {
  const estate = { home: 'casa', env: 'prod' }
  const secrets = kindOf({ apiVersion: 'v1', kind: 'Secret' })
  const secret = (name: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'casa-prod-web' },
  })
  const at = (name: string): string => `GET /api/v1/namespaces/casa-prod-web/secrets/${name}`
  const wanted = [secret('listed'), secret('stray'), secret('gone')]
  const list = { 'GET /api/v1/secrets': [200, { items: [{ metadata: secret('listed').metadata }] }] } as const

  it('is all that carries our labels, and what is there without them', async () => {
    const { connection, asked } = await serverWith({
      ...list,
      [at('stray')]: [200, { kind: 'PartialObjectMetadata', metadata: secret('stray').metadata }],
      [at('gone')]: [404, { message: 'secrets "gone" not found' }],
    })
    expect(await present(connection, secrets, { estate, wanted })).toEqual({
      ok: true,
      objects: [secret('listed'), secret('stray')],
    })
    expect(asked).toHaveLength(3)
  })

  it('is not told where one may not look', async () => {
    const { connection } = await serverWith(list)
    expect(await present(connection, secrets, { estate, wanted })).toMatchObject({
      ok: false,
      message: 'you may not read Secret stray: forbidden',
    })
    const { connection: closed } = await serverWith({})
    expect(await present(closed, secrets, { estate, wanted })).toMatchObject({ ok: false, forbidden: true })
  })
})
