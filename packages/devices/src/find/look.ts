import { createSocket, type Socket } from 'node:dgram'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Found, merged } from './found.ts'
import { kasaSearches, readKasa } from './kasa.ts'
import { type Blind, type Network, networksOf } from './networks.ts'
import { type Announced, described, readSsdp, ssdpGroup, ssdpSearches } from './ssdp.ts'

/** What a look at the LAN saw, and what it could not see. */
export type Seen = {
  readonly found: readonly Found[]
  readonly networks: readonly Network[]
  readonly blind: readonly Blind[]
}

/** Datagrams get lost, and small devices sleep: they are asked again after each of these. */
const againMilliseconds = [300, 700] as const
const describeMilliseconds = 2000
const descriptionLimit = 256 * 1024
/** A house has tens of devices; more answers than this are an attack. */
const answersLimit = 1000

/** Asks every network for devices, for so many milliseconds. `names` are interfaces; none: all but internal ones. */
export const lookAround = (names: readonly string[], milliseconds: number): Promise<Seen> =>
  lookInAll(networksOf(names), milliseconds)

/** The same in networks that are known. */
export const lookInAll = async (
  { networks, blind }: Pick<Seen, 'networks' | 'blind'>,
  milliseconds: number,
): Promise<Seen> => {
  const looks = await Promise.all(networks.map((network) => lookIn(network, milliseconds)))
  return {
    networks,
    found: merged(looks.flatMap(({ found }) => found)),
    blind: [...blind, ...looks.flatMap((look) => look.blind)],
  }
}

type Look = { readonly found: readonly Found[]; readonly blind: readonly Blind[] }

const lookIn = async (network: Network, milliseconds: number): Promise<Look> => {
  const until = performance.now() + milliseconds
  const label = `${network.name} (${network.address}/${network.bits})`
  const socket = createSocket('udp4')
  const answers = new Map<string, Found | Announced>()
  const why = new Set<string>()
  socket.on('error', (error: NodeJS.ErrnoException) => why.add(whyNot(error)))
  socket.on('message', (bytes, { address }) => {
    const answer = readSsdp(address, bytes) ?? readKasa(address, bytes)
    if (answer === undefined || answers.size >= answersLimit) return
    const kind = 'found' in answer ? answer.found.kind : `kasa ${bytes[0] === 2 ? 'newer' : 'legacy'}`
    answers.set(`${kind} ${address}`, answer)
  })
  if (await opened(socket, network.address)) {
    for (const pause of [0, ...againMilliseconds]) {
      await sleep(Math.min(pause, Math.max(0, until - performance.now())))
      await ask(socket, network, why)
    }
    await sleep(Math.max(0, until - performance.now()))
    socket.close()
  }
  const found = await Promise.all([...answers.values()].map(describe))
  return { found, blind: [...why].map((reason) => ({ network: label, why: reason })) }
}

/** Whether the socket has that address, from which all questions go out. */
const opened = (socket: Socket, address: string): Promise<boolean> =>
  new Promise((resolve) => {
    socket.once('error', () => resolve(false))
    socket.bind(0, address, () => {
      socket.setBroadcast(true)
      socket.setMulticastInterface(address)
      resolve(true)
    })
  })

const ask = async (socket: Socket, { all }: Network, why: Set<string>): Promise<void> => {
  const send = (bytes: Buffer, port: number, address: string): Promise<void> =>
    new Promise((resolve) => {
      socket.send(bytes, port, address, (error) => {
        if (error !== null) why.add(whyNot(error))
        resolve()
      })
    })
  await Promise.all([
    ...kasaSearches.map(({ port, bytes }) => send(bytes, port, all)),
    ...ssdpSearches.map((bytes) => send(bytes, ssdpGroup.port, ssdpGroup.address)),
  ])
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user or a firewall of this machine may not send to all at once there',
  EPERM: 'a firewall of this machine does not let the search out',
  ENETUNREACH: 'it takes no search: no broadcast or multicast leads there',
  EADDRNOTAVAIL: 'its address went away while it was searched',
}

const whyNot = ({ code = '', message }: NodeJS.ErrnoException): string => reasons[code] ?? message

const describe = async (answer: Found | Announced): Promise<Found> => {
  if (!('found' in answer)) return answer
  const { found, description } = answer
  const xml = description === undefined ? undefined : await fetched(description)
  return xml === undefined ? found : described(found, xml)
}

/** The text at a URL, where it comes soon and is not too long; nothing else matters of it. */
const fetched = (url: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const asked = request(url, { agent: false, signal: AbortSignal.timeout(describeMilliseconds) }, (response) => {
      let arrived = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        arrived += chunk
        if (arrived.length > descriptionLimit) asked.destroy()
      })
      response.on('close', () => resolve(response.complete ? arrived : undefined)).on('error', () => undefined)
    })
    asked.on('error', () => resolve(undefined))
    asked.end()
  })
