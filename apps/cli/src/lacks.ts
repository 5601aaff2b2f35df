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

/** Whether a house can come about on its cluster, and where its gateway is then, if the cluster says. */
export const assess = async (
  connection: Connection,
  house: House,
): Promise<{ readonly ok: true; readonly url?: string } | NotReady> => {
  const found = await lacksOf(connection, house)
  if (!found.ok) return { ok: false, exit: exitOf(found), error: found }
  const { lacks, held, url } = found
  if (lacks.length + held.length === 0) return { ok: true, ...(url === undefined ? {} : { url }) }
  const words = [
    ...held.map(({ address, holder, wantedBy }) => `${address}, a route of ${wantedBy}, is held by ${holder}`),
    ...lacks.map(({ message }) => message),
  ]
  const fixes = [
    ...held.map(() => 'give that route another path or host in the home file'),
    ...lacks.map(({ fix }) => fix),
  ]
  return {
    ok: false,
    exit: held.length === 0 ? 1 : 3,
    error: {
      message: `nothing was changed, since ${house.environment.name} cannot come about:${listed(words)}`,
      fix: [...new Set(fixes)].join('; '),
    },
  }
}

const listed = (words: readonly string[]): string =>
  words.length === 1 ? ` ${words.join('')}` : words.map((one) => `\n  - ${one}`).join('')

/** What stays of services that left the home file, for want of a right. */
export const stayingWords = (namespaces: readonly string[]): string[] =>
  namespaces.map(
    (name) => `  the namespace ${name} stays, empty: you may not delete it; who may: kubectl delete namespace ${name}`,
  )
