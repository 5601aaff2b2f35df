import type { Cloud, Entry, HostUse } from '@homeslice/catalog'
import type { Egress, Host, Service } from './home.ts'
import type { WrittenService } from './schema.ts'

type Outside = Pick<Service, 'clouds' | 'simulate' | 'egress'> & {
  readonly use: Service['use'] | undefined
  readonly host: Host | undefined
}

/** What of a service follows from its entry's settings: the clouds that it calls or simulates, and the node that it takes of. */
export const outsideOf = (entry: Entry | undefined, written: WrittenService, simulateAll: boolean): Outside => {
  const { settings, clouds, itsHost } = settingsOf(entry, written.settings)
  const simulate = (clouds.length > 0 || itsHost !== undefined) && (simulateAll || written.simulate === true)
  return {
    use: entry && { entry: entry.name, settings },
    clouds,
    simulate,
    egress: written.egress === undefined ? wayTo(simulate ? [] : clouds) : egressOf(written.egress),
    host: hostOf(written.host ?? (simulate ? undefined : itsHost)),
  }
}

type Chosen = {
  readonly settings: unknown
  readonly clouds: readonly Cloud[]
  readonly itsHost?: HostUse | undefined
}

/** Settings with the entry's own defaults, and what they ask for; as written where they do not fit, which a rule reports. */
const settingsOf = (entry: Entry | undefined, written: unknown): Chosen => {
  const parsed = entry?.settings.safeParse(written ?? {})
  if (entry === undefined || parsed?.success !== true) return { settings: written, clouds: [] }
  const { data: settings } = parsed
  return { settings, clouds: entry.clouds?.(settings) ?? [], itsHost: entry.host?.(settings) }
}

const hostOf = (host: WrittenService['host'] | HostUse): Host | undefined =>
  host && { network: host.network ?? false, folders: host.folders ?? {}, because: host.because }

const egressOf = (written: NonNullable<WrittenService['egress']>): Egress => {
  const ways = typeof written === 'string' ? [] : written.filter((one) => one !== 'internet')
  return {
    internet: written.includes('internet'),
    // A rule reports what is no network with a port.
    to: ways.map((way) => {
      const colon = way.lastIndexOf(':')
      return { cidr: way.slice(0, colon), port: Number(way.slice(colon + 1)) }
    }),
  }
}

/** What the real clouds need: addresses of their own, else the internet. */
const wayTo = (clouds: readonly Cloud[]): Egress => ({
  internet: clouds.some(({ at }) => at === undefined),
  to: clouds.flatMap(({ at }) => (at === undefined ? [] : [{ cidr: at.address, port: at.port }])),
})
