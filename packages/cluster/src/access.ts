import { at, groupsAt } from './json.ts'
import type { Connection } from './connection.ts'
import { allOf, failure, type Failure } from './failure.ts'
import { many } from './many.ts'
import type { Power } from './powers.ts'

/** Everything, everywhere: what whoever runs a cluster has. */
export const allPowers: Power = { verb: '*', group: '*', resource: '*' }

const atOnce = 16

/** Whether one may do this. */
export const may = async (
  connection: Connection,
  { verb, group, resource, namespace }: Power,
): Promise<{ readonly ok: true; readonly allowed: boolean } | Failure> => {
  const [kind = '', subresource] = resource.split('/')
  const resourceAttributes = {
    verb,
    group,
    resource: kind,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
  }
  const said = await review(connection, 'SelfSubjectAccessReview', { resourceAttributes })
  return said.ok ? { ok: true, allowed: at(said.status, 'allowed') === true } : said
}

/**
 * The powers that one does not have. Those in a namespace are told by one list of rules per namespace; where the server
 * says that such a list is not all it knows, each that is not on it is asked for.
 */
export const missingPowers = async (
  connection: Connection,
  powers: readonly Power[],
): Promise<{ readonly ok: true; readonly missing: readonly Power[] } | Failure> => {
  const places = [...new Set(powers.map(({ namespace }) => namespace))]
  const found = await many(places, atOnce, (place) => {
    const mine = powers.filter(({ namespace }) => namespace === place)
    return place === undefined ? askEach(connection, mine) : askPlace(connection, place, mine)
  })
  const told = allOf(found)
  return told.ok ? { ok: true, missing: told.all.flatMap(({ missing }) => missing) } : told
}

type Missing = Awaited<ReturnType<typeof missingPowers>>

const askEach = async (connection: Connection, powers: readonly Power[]): Promise<Missing> => {
  const answers = allOf(await many(powers, atOnce, (power) => may(connection, power)))
  return answers.ok ? { ok: true, missing: powers.filter((_, index) => answers.all[index]?.allowed !== true) } : answers
}

const askPlace = async (connection: Connection, namespace: string, powers: readonly Power[]): Promise<Missing> => {
  const said = await review(connection, 'SelfSubjectRulesReview', { namespace })
  if (!said.ok) return said
  const rules = groupsAt(said.status, 'resourceRules')
  const missing = powers.filter((power) => !rules.some((rule) => allows(rule, power)))
  const whole = at(said.status, 'incomplete') !== true
  return whole || missing.length === 0 ? { ok: true, missing } : askEach(connection, missing)
}

/** Whether a rule, as a list of rules has it, allows something. One that is about single names does not. */
const allows = (rule: object, { verb, group, resource }: Power): boolean => {
  const has = (key: string, ...words: readonly string[]): boolean => {
    const listed = at(rule, key)
    return Array.isArray(listed) && words.some((word) => listed.includes(word))
  }
  const names = at(rule, 'resourceNames')
  const [, subresource] = resource.split('/')
  return (
    !(Array.isArray(names) && names.length > 0) &&
    has('verbs', verb, '*') &&
    has('apiGroups', group, '*') &&
    has('resources', resource, '*', ...(subresource === undefined ? [] : [`*/${subresource}`]))
  )
}

const review = async (
  connection: Connection,
  kind: 'SelfSubjectAccessReview' | 'SelfSubjectRulesReview',
  spec: object,
): Promise<{ readonly ok: true; readonly status: unknown } | Failure> => {
  const path = `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`
  const body = { apiVersion: 'authorization.k8s.io/v1', kind, spec }
  const answer = await connection.call({ method: 'POST', path, body })
  if ('ok' in answer) return answer
  if (answer.status < 300) return { ok: true, status: at(answer.body, 'status') }
  return failure(
    'failed',
    `the cluster does not say what you may do: ${answer.status}`,
    'look at the rights of the user of that context',
  )
}
