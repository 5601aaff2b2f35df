import { afterEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '@homeslice/render'
import { type Answers, serverWith, stopServers, type Told } from './answers.testing.ts'
import { ground } from './ground.ts'
import { pathOf } from './kinds.ts'
import { survey } from './survey.ts'

afterEach(stopServers)

const estate = { home: 'casa', env: 'prod' }
const gateway = { namespace: 'kube-system', name: 'traefik-gateway', section: 'web' }
const labels = { 'homeslice.dev/home': 'casa', 'homeslice.dev/env': 'prod' }
const namespace: KubeObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'casa-prod-web', labels: { ...labels, 'homeslice.dev/service': 'web' } },
}
const access = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
const rules = 'POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
const itsNamespace = 'GET /api/v1/namespaces/casa-prod-web'
const no: Told = [201, { status: { allowed: false } }]
const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }
const noRules: Told = [201, { status: { resourceRules: [] } }]
const groundAs = (how: (object: KubeObject) => Told): Answers =>
  Object.fromEntries(ground.map((object) => [`GET ${pathOf(object)}`, how(object)]))

/** Somebody with all rights in the namespaces, and none across the cluster, where the ground is laid. */
const few: Answers = {
  [access]: no,
  [rules]: [201, { status: { resourceRules: [everything] } }],
  [itsNamespace]: [200, namespace],
  ...groundAs((object) => [200, object]),
}

const lacksWith = async (answers: Answers): Promise<readonly string[] | string> => {
  const { connection } = await serverWith({ ...few, ...answers })
  const found = await survey(connection, { estate, desired: [namespace], gateway })
  return found.ok ? found.lacks.map(({ message }) => message) : found.message
}

describe('somebody with few rights', () => {
  it('may bring up what whoever runs the cluster made ready', async () => {
    expect(await lacksWith({})).toEqual([])
  })

  it.each<[string, Answers, RegExp]>([
    ['is not there', { [itsNamespace]: [404, { message: 'not found' }] }, /create namespaces/u],
    ['may not be looked at', { [itsNamespace]: [403, { message: 'forbidden' }] }, /create namespaces/u],
    [
      'says other things about itself',
      { [itsNamespace]: [200, { ...namespace, metadata: { name: 'casa-prod-web', labels } }], [rules]: noRules },
      /patch[^,]* namespaces in casa-prod-web/u,
    ],
  ])('needs another right where the namespace %s', async (_, answers, words) => {
    expect(String(await lacksWith(answers))).toMatch(words)
  })

  it('is not told of rights in a namespace of others: that is refused later', async () => {
    expect(await lacksWith({ [itsNamespace]: [200, { metadata: { name: 'casa-prod-web' } }] })).toEqual([])
  })

  it('needs the rights to lay the ground where it is not laid', async () => {
    const missing = String(await lacksWith(groundAs(() => [404, { message: 'not found' }])))
    expect(missing).toMatch(/create namespaces/u)
    expect(missing).toMatch(/create and patch validatingadmissionpolicies\S+ and validatingadmissionpolicybindings/u)
  })

  it('needs the right to see the ground', async () => {
    expect(String(await lacksWith(groundAs(() => [403, { message: 'no' }])))).toMatch(
      /get validatingadmissionpolicies/u,
    )
  })

  it.each<[string, Answers]>([
    ['the namespace', { [itsNamespace]: [401, { message: 'who?' }] }],
    ['the ground', groundAs(() => [401, { message: 'who?' }])],
  ])('whom the cluster no longer knows lacks no right: %s', async (_, answers) => {
    expect(await lacksWith(answers)).toBe('the cluster no longer knows who you are: who?')
  })

  it('whose rights are not told is told that', async () => {
    expect(await lacksWith({ [rules]: [403, {}] })).toBe('the cluster does not say what you may do: 403')
  })
})
