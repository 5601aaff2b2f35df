import { z } from 'zod'
import type { Needed } from './entry.ts'

/**
 * One accessory as `config.json` says it, in the words of the plugin homebridge-http, so that either that plugin or ours
 * can run it.
 */
export type HomekitAccessory = {
  readonly accessory: 'Http'
  readonly name: string
  /** What its identity in HomeKit is made of: rooms, scenes and automations hang on it. */
  readonly uuid_base: string
  readonly service: 'Switch'
  readonly switchHandling: 'realtime'
  readonly http_method: 'GET' | 'POST'
  readonly on_url: string
  readonly off_url: string
  readonly status_url: string
  readonly status_on?: string
  readonly status_off?: string
  /** Ours alone: whether an answer of 500 and above is shown as "No Response", or taken like any other. */
  readonly errors: 'no-response' | 'ignore'
}

/** What a Homebridge is to be: its name, its port, and what it shows. */
export type HomekitConfig = {
  readonly bridge: { readonly name: string; readonly port: number; readonly bind?: readonly string[] }
  readonly accessories: readonly HomekitAccessory[]
}

/** How people want it. */
export type HomekitSettings = {
  readonly bridge: string
  readonly port: number
  readonly bind?: readonly string[] | undefined
  readonly buttons: readonly string[]
  readonly names: Readonly<Record<string, string>>
  readonly formerly: Readonly<Record<string, string>>
  readonly deadDevices: 'no-response' | 'off'
}

/** One thing that can be switched: its id, and the paths that do it. */
type Item = {
  readonly id: string
  readonly name?: string | undefined
  readonly method: 'GET' | 'POST'
  readonly on: string
  readonly off: string
  readonly status: string
  /** Where the status is told in words. @default the digits 1 and 0 */
  readonly words?: { readonly on: string; readonly off: string }
}

/** A curation without a name has an empty one. */
const curation = z.object({ id: z.string(), name: z.string().min(1).optional().catch(undefined) })
const curations = z.object({
  playlists: z.array(curation).default([]),
  stations: z.array(curation).default([]),
})

const switchesOf = ({ devices }: Needed): Item[] =>
  devices.map(({ name: id }) => {
    const at = `/api/v0/switches/${id}`
    return { id, method: 'POST', on: `${at}/on/`, off: `${at}/off/`, status: `${at}/status/` }
  })

const curationsOf = ({ settings }: Needed): Item[] => {
  const { playlists, stations } = curations.catch({ playlists: [], stations: [] }).parse(settings)
  return [...playlists, ...stations].map(({ id, name }) => {
    const at = `/api/v0/sonos/curations/${id}`
    return { id, name, method: 'POST', on: `${at}/play`, off: `${at}/pause`, status: `${at}/status` }
  })
}

const machineOf = ({ name: id }: Needed): Item[] => {
  const at = '/api/v0/lmz'
  return [{ id, method: 'GET', on: `${at}/ON`, off: `${at}/OFF`, status: `${at}/STATUS` }]
}

const buttonsOf = (_: Needed, { buttons }: HomekitSettings): Item[] =>
  buttons.map((id) => {
    const at = `/api/v0/buttons/${encodeURIComponent(id)}/`
    return { id, method: 'POST', on: `${at}on/`, off: `${at}off/`, status: at, words: { on: 'ON', off: 'OFF' } }
  })

/** What each service of ours can show in HomeKit. */
const shown: ReadonlyMap<string | undefined, (needed: Needed, settings: HomekitSettings) => Item[]> = new Map([
  ['switches', switchesOf],
  ['buttons', buttonsOf],
  ['sonos', curationsOf],
  ['lmz', machineOf],
])

/** `living-room` as people say it. */
const spoken = (id: string): string => {
  const words = id.replaceAll(/[-_]+/gu, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/**
 * The Homebridge of a house, from the services that it needs: each device of `switches`, each curation of `sonos`, the
 * machine of `lmz`, and the buttons that the settings name. An accessory's identity comes from its service and id alone,
 * so another name, address or order changes nothing for the people who use it.
 */
export const homekitConfig = (settings: HomekitSettings, needs: readonly Needed[]): HomekitConfig => ({
  bridge: {
    name: settings.bridge,
    port: settings.port,
    ...(settings.bind === undefined ? {} : { bind: settings.bind }),
  },
  accessories: needs.flatMap((needed) =>
    (shown.get(needed.entry)?.(needed, settings) ?? []).map((item) => accessoryOf(item, needed, settings)),
  ),
})

const accessoryOf = (item: Item, needed: Needed, settings: HomekitSettings): HomekitAccessory => ({
  accessory: 'Http',
  name: settings.names[item.id] ?? item.name ?? spoken(item.id),
  uuid_base: settings.formerly[item.id] ?? `${needed.name}/${item.id}`,
  service: 'Switch',
  switchHandling: 'realtime',
  http_method: item.method,
  on_url: `${needed.url}${item.on}`,
  off_url: `${needed.url}${item.off}`,
  status_url: `${needed.url}${item.status}`,
  ...(item.words === undefined ? {} : { status_on: item.words.on, status_off: item.words.off }),
  errors: settings.deadDevices === 'off' ? 'ignore' : 'no-response',
})
