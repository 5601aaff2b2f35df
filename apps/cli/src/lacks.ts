import { membersOf, survey, type Surveyed, within } from '@homeslice/cluster'
import type { Connection, Failure as ClusterFailure } from '@homeslice/cluster'
import { exitOf } from './cluster.ts'
import type { House } from './house.ts'
import type { ExitCode, Failure } from './outcome.ts'

/** Why a home cannot be brought about on its cluster; found before anything is written. */
export type NotReady = { readonly ok: false; readonly exit: ExitCode; readonly error: Failure }

/** A connection that knows where the environment of a house lies. */
export const connectionFor = (connection: Connection, { home, environment, rendered }: House): Connection =>
  within(connection, { home: home.name, env: environment.name }, membersOf(rendered))

/** What the cluster of a house lacks, and which of its addresses somebody else holds. */
export const lacksOf = (
  connection: Connection,
  { home, environment, rendered }: House,
): Promise<Surveyed | ClusterFailure> =>
  survey(connection, {
    estate: { home: home.name, env: environment.name },
    desired: membersOf(rendered),
    ...(home.cluster.context === undefined ? {} : { gateway: home.cluster.gateway }),
  })

/** Why nothing may be written; nothing where all that is needed is there. */
export const notReady = (found: Surveyed | ClusterFailure, { environment }: House): NotReady | undefined => {
  if (!found.ok) return { ok: false, exit: exitOf(found), error: found }
  const { lacks, held } = found
  const [other] = held
  if (lacks.length === 0 && other === undefined) return undefined
  const words = [
    ...held.map(({ address, holder, wantedBy }) => `${address}, a route of ${wantedBy}, is held by ${holder}`),
    ...lacks.map(({ message }) => message),
  ]
  const fixes = [
    ...(other === undefined ? [] : ['give that route another path or host in the home file']),
    ...new Set(lacks.map(({ fix }) => fix)),
  ]
  return {
    ok: false,
    exit: other === undefined ? 1 : 3,
    error: {
      message: `nothing was changed, since ${environment.name} cannot come about: ${listed(words)}`,
      fix: fixes.join('; '),
    },
  }
}

const listed = (words: readonly string[]): string =>
  words.length === 1 ? words.join('') : words.map((one) => `\n  - ${one}`).join('')

/** What stays of services that left the home file, for want of a right. */
export const stayingWords = (namespaces: readonly string[]): string[] =>
  namespaces.map(
    (name) => `  the namespace ${name} stays, empty: you may not delete it; who may: kubectl delete namespace ${name}`,
  )
