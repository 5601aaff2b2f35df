import { catalog, operationFor } from '@homeslice/catalog'
import type { Member } from './fleet.ts'

/** A request of a home. */
export type Request = { readonly method: string; readonly path: string }

const post = (path: string): Request => ({ method: 'POST', path })
const get = (path: string): Request => ({ method: 'GET', path })

/** What a device is asked, by the service that drives it: each changes or reads something. */
const commands: Readonly<Record<string, (device: string) => readonly Request[]>> = {
  switches: (device) => [
    ...['on', 'off', 'toggle'].map((word) => post(`/api/v0/switches/${device}/${word}/`)),
    get(`/api/v0/switches/${device}/status/`),
  ],
}

/** What else is asked of a service, sense and nonsense. */
const talk: Readonly<Record<string, (turn: number) => readonly Request[]>> = {
  buttons: (turn) => [
    post(`/api/v0/buttons/b${turn % 300}/on/`),
    get(`/api/v0/buttons/b${turn % 300}/`),
    get(`/api/v0/buttontimes/b${turn % 300}/`),
    get(`/api/v0/buttons/unknown${turn}/`),
  ],
  switches: () => [post('/api/v0/switches/attic/on/'), post('/api/v0/switches/attic/on'), get('/')],
}

/** What a device of this service is asked. */
export const commandsTo = ({ name }: Member, device: string): readonly Request[] => commands[name]?.(device) ?? []

/** The request that a service answers from what it has: the cheapest and most frequent. */
export const usualOf = (member: Member): Request =>
  talk[member.name]?.(0)[0] ?? get(catalog.get(member.name)?.paths[0] ?? '/')

/** Home traffic to a service without end: each of its commands to each device, and all that else is asked of it. */
export const trafficTo = (member: Member): ((turn: number) => Request) => {
  const toDevices = member.devices.flatMap((device) => commandsTo(member, device))
  return (turn) => {
    const all = [...toDevices, ...(talk[member.name]?.(turn) ?? []), get(catalog.get(member.name)?.paths[0] ?? '/')]
    return all[turn % all.length]!
  }
}

/** Whether the contract of a service knows such an answer to such a request. */
export const isByContract = ({ name }: Member, request: Request, status: number): boolean =>
  operationFor(catalog.get(name)?.contract ?? [], request)?.replies.some((reply) => reply.status === status) ?? false
