import {
  createLane,
  createWire,
  kasaSwitch,
  type Lane,
  queued,
  type QueuedSwitch,
  type Switch,
  type Wire,
  wemoSwitch,
} from '@homeslice/devices'
import { readAccount } from './account.ts'
import type { SwitchConfig } from './config.ts'

/** What switches at one address share: their turn, and what was learnt of the device. */
type Shared = { readonly lane: Lane; readonly wire: Wire }

/** Every switch by its id. Outlets of a strip are one device: they wait for each other, and need one login. */
export const devicesOf = (switches: Iterable<SwitchConfig>): ReadonlyMap<string, QueuedSwitch> => {
  const shared = new Map<string, Shared>()
  const at = ({ kind, address, klapPort }: SwitchConfig): Shared => {
    const place = `${kind} ${address} ${klapPort}`
    const known = shared.get(place) ?? { lane: createLane(), wire: createWire() }
    shared.set(place, known)
    return known
  }
  return new Map(
    [...switches].map((config) => {
      const { lane, wire } = at(config)
      return [config.id, queued(clientOf(config, wire), config.name, lane)]
    }),
  )
}

const clientOf = ({ kind, name, address: host, port, klapPort, child, account }: SwitchConfig, wire: Wire): Switch => {
  if (kind === 'wemo/v1') return wemoSwitch({ name, host, ...(port === undefined ? {} : { port }) })
  const place = {
    name,
    host,
    // Its legacy port is always 9999: the original ignored the one in the file, and files in use name others.
    ...(klapPort === undefined ? {} : { klapPort }),
    ...(child === undefined ? {} : { child }),
    // Read at each login, so that a changed password needs no restart.
    ...(account === undefined ? {} : { account: () => readAccount(account) }),
  }
  return kasaSwitch(place, wire)
}
