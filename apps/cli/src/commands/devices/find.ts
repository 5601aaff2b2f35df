import { existsSync } from 'node:fs'
import { lookAround, type Network, type Seen } from '@homeslice/devices'
import type { Context } from '../../context.ts'
import type { HomeFlags } from '../../flags.ts'
import { compare, type Compared } from '../../found.ts'
import { homePath, loadHome } from '../../home-file.ts'
import { failed, type Outcome } from '../../outcome.ts'
import { table } from '../../table.ts'

/** What `devices find` takes. */
export type FindFlags = HomeFlags & { readonly interface?: readonly string[]; readonly seconds: number }

/** `homeslice devices find`: asks the LAN for devices and says where the home file differs; changes nothing. */
export const find = async (context: Context, flags: FindFlags): Promise<Outcome> => {
  const declared = await declaredDevices(context, flags)
  if (!declared.ok) return declared.outcome
  const seen = await lookAround(flags.interface ?? [], flags.seconds * 1000)
  const compared = compare(declared.devices, seen)
  const wrong = compared.devices.some(
    ({ verdict }) => verdict === 'moved' || verdict === 'differs' || verdict === 'gone',
  )
  return {
    exit: wrong ? 1 : 0,
    document: { ok: !wrong, ...compared, networks: seen.networks, blind: seen.blind },
    text: wordsOf(compared, seen, flags.seconds),
  }
}

type Declared =
  | { readonly ok: true; readonly devices: Parameters<typeof compare>[0] }
  | { readonly ok: false; readonly outcome: Outcome }

/** The devices of the home file; none where there is no file, since a house is looked at before it is written down. */
const declaredDevices = async (context: Context, flags: FindFlags): Promise<Declared> => {
  if (flags.file === undefined && !existsSync(homePath(context, undefined, { example: false }))) {
    return { ok: true, devices: [] }
  }
  const loaded = await loadHome(context, flags, { example: false })
  if (!loaded.ok) return { ok: false, outcome: failed(2, loaded.error, { problems: loaded.problems }) }
  return { ok: true, devices: Object.values(loaded.environment.devices) }
}

const wordsOf = ({ devices, others }: Compared, { networks, blind }: Seen, seconds: number): string => {
  const places = networks.map(placeOf).join(', ')
  const looked =
    networks.length === 0 ? 'looked nowhere: no network of this machine can be searched' : `looked in ${places}`
  return [
    ...(devices.length === 0 ? [] : [table(devices.map(({ device, verdict, words }) => [device, verdict, words]))]),
    ...others.map(({ words, line }) => `not in the file: ${words}\n  ${line}`),
    `${looked}, for ${seconds} s`,
    ...blind.map(({ network, why }) => `could not look in ${network}: ${why}`),
    ...(devices.length + others.length > 0 && !devices.some(({ verdict }) => verdict === 'gone') ? [] : [silence]),
  ].join('\n')
}

const placeOf = ({ name, address, bits }: Network): string => `${name} (${address}/${bits})`

const silence =
  'A search reaches only its own network: devices behind a router, in a guest network or another VLAN do not hear it, and a firewall of this machine may keep their answers out.'
