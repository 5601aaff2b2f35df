import type { Estate } from '@homeslice/cluster'
import { type Drift, inWords } from '@homeslice/plan'
import type { DriftSeen, Sighting } from '@homeslice/release'

type Told = Pick<DriftSeen, 'blind' | 'objects'> & { readonly drift: readonly Sighting[] }

/** What others changed, as people read it: by service, each with who did it and when, as far as the cluster knows. */
export const driftWords = ({ home, env }: Estate, { drift, blind, objects }: Told): string => {
  const unseen = blind.map((service) => `${service} cannot be compared: its version was too large to be recorded`)
  if (drift.length === 0) {
    return [`${home} (${env}): no drift, ${objects} objects are as they were applied`, ...unseen].join('\n')
  }
  const services = Map.groupBy(drift, ({ service }) => service)
  return [
    `${home} (${env}): ${drift.length} ${drift.length === 1 ? 'change' : 'changes'} by others since it was applied`,
    ...[...services].flatMap(([service, all]) => [`  ${service}`, ...all.map((one) => `    ${lineOf(one)}`)]),
    ...unseen,
    'to take them back: homeslice up',
  ].join('\n')
}

const lineOf = (one: Sighting): string => [`${inWords(one.object)}: ${changeOf(one)}`, byWhom(one)].join(', ')

const changeOf = ({ change, path = '', before, after }: Drift): string => {
  if (change === 'deleted') return 'deleted'
  if (change === 'created') return 'created under our labels'
  if (change === 'removed') return `${path} removed${before === undefined ? '' : `, was ${before}`}`
  if (change === 'added') return `${path} added${after === undefined ? '' : `: ${after}`}`
  return before === undefined || after === undefined ? `${path} changed` : `${path} ${before} → ${after}`
}

/** Of what is gone the cluster keeps no name. */
const byWhom = ({ manager, time, noticed }: Sighting): string => {
  const when = time === undefined ? `noticed at ${noticed}` : `at ${time}`
  return manager === undefined ? `nobody knows by whom, ${when}` : `by ${manager} ${when}`
}
