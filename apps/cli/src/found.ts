import type { Device } from '@homeslice/config'
import { type Found, isIn, type Seen } from '@homeslice/devices'

/**
 * What a search says of a device in the home file. `moved` and `differs` ask for a change of the file, `gone` did not
 * answer, `unseen` could not be seen from here.
 */
type Verdict = 'here' | 'moved' | 'differs' | 'gone' | 'unseen' | 'simulated'

/** One device of the home file, beside what was seen. */
type Judged = {
  readonly device: string
  readonly verdict: Verdict
  /** One sentence for people. */
  readonly words: string
  readonly found?: Found
}

/** A device that answered and is not in the file, with a line for it. */
type Other = { readonly found: Found; readonly words: string; readonly line: string }

/** The home file beside what was seen. */
export type Compared = { readonly devices: readonly Judged[]; readonly others: readonly Other[] }

/** Compares the devices of a home file with those that answered: by hardware address where that is known, else by place. */
export const compare = (devices: readonly Device[], seen: Seen): Compared => {
  const judged = devices.map((device) => judge(device, seen))
  const claimed = new Set(judged.map(({ found }) => found))
  return {
    devices: judged,
    others: seen.found
      .filter((found) => !claimed.has(found))
      .map((found) => ({ found, words: described(found), line: lineOf(found) })),
  }
}

const judge = (device: Device, seen: Seen): Judged => {
  const { name, address, simulate } = device
  const found = seen.found.find((one) => isSame(device, one))
  const base = { device: name, ...(found === undefined ? {} : { found }) }
  if (found !== undefined && found.address !== address) {
    return {
      ...base,
      verdict: 'moved',
      words: `${name} is at ${address} in the file and answers at ${found.address}: change address`,
    }
  }
  if (found !== undefined) return { ...base, verdict: 'here', words: `${described(found)}${advice(device, found)}` }
  const neighbour = seen.found.find((one) => one.address === address)
  if (neighbour !== undefined) return { ...base, verdict: 'differs', words: difference(device, neighbour) }
  if (simulate) return { ...base, verdict: 'simulated', words: 'a simulator stands in for it' }
  if (address === undefined)
    return { ...base, verdict: 'unseen', words: "it is reached by the maker's cloud, not by the LAN" }
  if (!seen.networks.some((network) => isIn(network, address))) {
    return {
      ...base,
      verdict: 'unseen',
      words: `${address} is in no network that was searched: it cannot be seen from here`,
    }
  }
  return { ...base, verdict: 'gone', words: `nothing answers at ${address}${namesake(device, seen)}` }
}

const isSame = ({ kind, mac, address }: Device, found: Found): boolean => {
  if (found.kind !== kind) return false
  return mac !== undefined && found.mac !== undefined ? mac.toLowerCase() === found.mac : found.address === address
}

const advice = ({ mac }: Device, found: Found): string =>
  mac !== undefined || found.mac === undefined ? '' : `; add mac: ${found.mac}, and it is found again when it moves`

const difference = ({ name, kind, address, mac }: Device, other: Found): string =>
  other.kind === kind
    ? `at ${address} answers another than ${name}: its mac is ${other.mac}, in the file stands ${mac}`
    : `at ${address} answers no ${kind} but a ${described(other)}`

/** A device without a hardware address in the file may still call itself by the name that it has there. */
const namesake = ({ name, kind, mac }: Device, { found }: Seen): string => {
  const [one, ...more] = mac === undefined ? found.filter((other) => other.kind === kind && isCalled(name, other)) : []
  return one === undefined || more.length > 0
    ? '; is it plugged in?'
    : `, and a ${kind} that calls itself "${one.name}" answers at ${one.address}: if that is it, change address`
}

const isCalled = (name: string, { name: own = '' }: Found): boolean => slug(own) === name

/** Words as a name of the home file. */
const slug = (words: string): string =>
  words
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .replaceAll(/^[^a-z]+|-+$/gu, '')

const described = ({ kind, model, name, address, mac, speaks }: Found): string =>
  [
    kind,
    ...(model === undefined ? [] : [model]),
    ...(name === undefined ? [] : [`"${name}"`]),
    `at ${address}`,
    ...(mac === undefined ? [] : [`(mac ${mac})`]),
    ...(speaks === undefined ? [] : [`speaks ${speaks}`]),
  ].join(' ')

const lineOf = ({ kind, name = '', address, mac }: Found): string => {
  const key = slug(name) === '' ? `${kind}-${address.split('.').at(-1)}` : slug(name)
  return `${key}: { kind: ${kind}, address: ${address}${mac === undefined ? '' : `, mac: "${mac}"`} }`
}
