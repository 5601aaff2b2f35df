import { readChart, type Surveyed } from '@homeslice/cluster'
import type { Home } from '@homeslice/config'
import { reach, type Reached } from './cluster.ts'
import type { Context } from './context.ts'
import type { Finding } from './finding.ts'
import type { HomeFlags } from './flags.ts'
import type { LoadedHome } from './home-file.ts'
import { loadHouse } from './house.ts'
import { chartVersionOf, gatewayConfig } from './k3s.ts'
import { connectionFor, lacksOf } from './lacks.ts'

/** What of a home's cluster is as the home needs it, and what is not. */
export const clusterFindings = async (
  context: Context,
  flags: HomeFlags,
  { path, home, environment }: LoadedHome,
): Promise<Finding[]> => {
  const { domain } = environment
  const reached = await reach(context, home)
  if (!reached.ok) {
    const { message, fix } = reached.error
    const notYet = home.cluster.context === undefined
    return [{ about: 'cluster', ok: notYet, message, ...(fix === undefined ? {} : { fix }) }, names(domain)]
  }
  const { name, connection } = reached
  const answers = { about: 'cluster', ok: true, message: `${name} answers, Kubernetes ${connection.version}` }
  if (home.cluster.context === undefined) return [answers, names(domain)]
  const house = await loadHouse(context, { file: path, env: flags.env })
  if (!house.ok) return [answers, { ...house.error, about: 'home file', ok: false }]
  const found = await lacksOf(connectionFor(connection, house), house)
  if (!found.ok) return [{ ...found, about: 'cluster' }]
  return [answers, ...(await lackFindings(reached, home, found)), policy, names(domain, found.url)]
}

const lackFindings = async (
  { connection }: Reached,
  { cluster: { gateway } }: Home,
  { lacks, held }: Surveyed,
): Promise<Finding[]> => {
  const findings = lacks.map(({ about, message, fix }): Finding => ({ about, ok: false, message, fix }))
  const good: Readonly<Record<(typeof lacks)[number]['about'], string>> = {
    gateway: `${gateway.namespace}/${gateway.name} takes our routes`,
    storage: 'there is a class for every volume',
    rights: 'you may do all that `up` does',
  }
  const fine = Object.entries(good).filter(([about]) => lacks.every((lack) => lack.about !== about))
  const noGateway = lacks.some(({ about }) => about === 'gateway')
  return [
    ...findings,
    ...(noGateway && /k3s/u.test(connection.version) ? [await k3sFinding(connection)] : []),
    ...held.map(({ address, holder }): Finding => ({
      about: 'gateway',
      ok: false,
      message: `${address} is held by ${holder}`,
      fix: 'give that route another path or host in the home file',
    })),
    ...fine.map(([about, message]): Finding => ({ about, ok: true, message })),
  ]
}

const k3sFinding = async (connection: Reached['connection']): Promise<Finding> => {
  const config = gatewayConfig(chartVersionOf((await readChart(connection)) ?? ''))
  return {
    about: 'k3s',
    ok: false,
    message: 'the Gateway API of its Traefik is turned on by this, as kubectl apply -f - takes it (never by us):',
    fix: config,
  }
}

/** The API takes policies whether anything keeps them or not. */
const policy: Finding = {
  about: 'network policy',
  ok: true,
  unknown: true,
  message:
    'whether this cluster keeps it cannot be asked; k3s does, unless it was started with --disable-network-policy',
}

const names = (domain: string, url?: string): Finding => ({
  about: 'names',
  ok: true,
  message: `phones find the home by one DNS record on your router: *.${domain} -> ${url === undefined ? "this machine's address" : url.replace(/^https?:\/\//u, '')}; paths work by address alone`,
})
