import { statusOf } from '@homeslice/cluster'
import { readHistory, readSeen, runningOf } from '@homeslice/release'
import { namespaceOf } from '@homeslice/render'
import { gatewayOf, urlOf } from '../addresses.ts'
import { exitOf, reach } from '../cluster.ts'
import type { Context } from '../context.ts'
import type { HomeFlags } from '../flags.ts'
import { loadHouse } from '../house.ts'
import { keeperWords } from '../keeper-words.ts'
import { connectionFor } from '../lacks.ts'
import { failed, type Outcome } from '../outcome.ts'
import { table } from '../table.ts'
import { drift } from './drift.ts'
import { versions } from './versions.ts'

type StatusFlags = HomeFlags & { readonly versions: boolean; readonly drift: boolean }

/** `homeslice status`: each service, ready or why not, with its version and URL; or the versions that are kept; or drift. */
export const status = async (context: Context, flags: StatusFlags, named?: string): Promise<Outcome> => {
  const house = await loadHouse(context, flags)
  const kind = house.ok && house.home.cluster.context !== undefined ? 'context' : 'sandbox'
  const nothing = { environment: flags.env, cluster: { name: '', version: '', kind }, services: [] }
  if (!house.ok) return failed(house.exit, house.error, nothing)
  const { home, environment, rendered } = house
  const reached = await reach(context, home)
  if (!reached.ok) return failed(reached.exit, reached.error, nothing)
  const estate = { home: home.name, env: environment.name }
  if (named !== undefined || flags.versions) return versions(reached, estate, named)
  const owner = (service: string) => ({ home: home.name, env: environment.name, service })
  const names = Object.keys(environment.services)
  const workloads = names.map((name) => ({ name, namespace: namespaceOf(owner(name)) }))
  const connection = connectionFor(reached.connection, house)
  if (flags.drift) return drift(connection, estate)
  const [found, read, gateway, kept] = await Promise.all([
    statusOf(connection, estate, workloads),
    readHistory(connection, estate),
    gatewayOf(home, connection),
    readSeen(connection, estate),
  ])
  if (!found.ok) return failed(exitOf(found), found, nothing)
  // Whoever may not read what the keeper saw is told the rest.
  const seen = kept.ok ? kept.seen : undefined
  const services = found.services.map(({ name, ready, reason, image, since }) => {
    const service = environment.services[name]
    const url = service && urlOf(service, gateway, environment)
    return {
      name,
      ready,
      ...(reason === undefined ? {} : { reason }),
      // How services are is told also to who may not read records, or not these.
      version: read.ok ? String(runningOf(read.history, name)?.number ?? 0) : '?',
      image,
      ...(url === undefined ? {} : { url }),
      since,
    }
  })
  const rows = services.map(({ name, ready, reason, version, url }) => [
    `  ${name}`,
    ready ? 'ready' : 'not ready',
    `version ${version}`,
    reason ?? url ?? '',
  ])
  const closed = rendered.closed.map(({ service, reason }) => `  a route of ${service} is ${reason}`)
  return {
    exit: 0,
    document: {
      environment: environment.name,
      cluster: { name: reached.name, version: reached.connection.version, kind: reached.kind },
      services,
      ...(seen === undefined ? {} : { drift: { count: seen.count, seen: seen.time } }),
    },
    text: [
      `${home.name} (${environment.name}) on ${reached.name}, Kubernetes ${reached.connection.version}`,
      table(rows),
      ...closed,
      ...keeperWords(seen, new Date()),
    ].join('\n'),
  }
}
