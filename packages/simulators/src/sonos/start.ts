import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, type Place, type Simulator, slowMilliseconds } from '../fault.ts'
import { createDoor, dribble } from '../server.ts'
import { onlyLooks, perform } from './actions.ts'
import { createHousehold, type Household } from './household.ts'
import { advance, type Speaker } from './speaker.ts'
import { answer, argsIn, description, fault as faultText } from './xml.ts'

/** A simulated speaker that runs. */
export type SonosSimulator = Omit<Simulator, 'state'> & {
  readonly uid: string
  /** All that it is. `on` is whether its group plays. */
  readonly state: () => ReturnType<Simulator['state']> & Omit<Speaker, 'port'>
  /** Makes it what a test needs. */
  readonly set: (change: Partial<Speaker>) => void
  /** Told of each call to it, before it is answered. */
  readonly onCall: (listener: (action: string) => void) => void
}

/** Speakers that know each other, and their end. */
export type SonosHousehold = {
  readonly speakers: readonly SonosSimulator[]
  readonly stop: () => Promise<void>
}

const usualPort = 1400
const radio = 'x-rincon-mp3radio://radio.example/stream.mp3'

/** Several speakers in one household. `now` is their clock in milliseconds, by default this machine's. */
export const startSonosHousehold = async (
  places: readonly Place[],
  now: () => number = () => performance.now(),
): Promise<SonosHousehold> => {
  const household = createHousehold(
    places.map(({ name, host = '127.0.0.1', port = usualPort }) => ({ name, host, port })),
    now,
  )
  const speakers: SonosSimulator[] = []
  for (const [index, speaker] of household.speakers.entries()) {
    speakers.push(await startSpeaker(household, speaker, places[index]?.host))
  }
  return {
    speakers,
    stop: async () => {
      await Promise.all(speakers.map((speaker) => speaker.stop()))
    },
  }
}

/** One speaker that is a household of its own. */
export const startSonos = async (place: Place): Promise<SonosSimulator> => {
  const { speakers } = await startSonosHousehold([place])
  return speakers[0] as SonosSimulator
}

const startSpeaker = async (
  household: Household,
  speaker: Speaker,
  host: string | undefined,
): Promise<SonosSimulator> => {
  let fault: Fault = 'none'
  let calls = 0
  let listener: (action: string) => void = () => undefined

  const xml = (response: ServerResponse, status: number, body: string): void => {
    response.writeHead(status, {
      'Content-Type': 'text/xml; charset="utf-8"',
      'Content-Length': Buffer.byteLength(body),
    })
    response.end(body)
  }
  /** What a healthy speaker says. */
  const say = async (request: IncomingMessage): Promise<readonly [number, string]> => {
    const body = await bodyOf(request)
    if (request.method === 'GET' && request.url === '/xml/device_description.xml') return [200, description(speaker)]
    const [, service = '', action = ''] = /:service:(\w+):1#(\w+)"?$/u.exec(String(request.headers.soapaction)) ?? []
    if (request.method !== 'POST' || !String(request.url).endsWith(`/${service}/Control`)) return [404, '']
    listener(action)
    if (fault === 'error') return [500, faultText(501)]
    if (fault === 'stuck' && !onlyLooks(action)) return [200, answer(service, action, {})]
    const outcome = perform(household, speaker, { service, action, args: argsIn(body) })
    const failed = 'error' in outcome
    return failed ? [500, faultText(Number(outcome.error))] : [200, answer(service, action, outcome)]
  }
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    calls += 1
    // One that listens everywhere is where it was found, as others shall find it.
    if (host === undefined) speaker.host = (request.socket.localAddress ?? speaker.host).replace(/^::ffff:/u, '')
    if (fault === 'silent') return
    if (fault === 'slow') await sleep(slowMilliseconds)
    if (fault === 'garbage') return xml(response, 200, '<html>what?</html>')
    if (fault === 'huge') return xml(response, 200, 'x'.repeat(4 * 1024 * 1024))
    if (fault === 'forbidden') return void response.writeHead(403).end()
    const [status, body] = await say(request)
    if (fault === 'dribble') {
      response.writeHead(200, { 'Content-Length': 100_000 }).flushHeaders()
      dribble(request.socket, Buffer.from(body))
    } else if (fault === 'vanish') {
      response.writeHead(200, { 'Content-Length': 100_000 }).write(body.slice(0, 100), () => response.destroy())
    } else xml(response, status, body)
  }
  const http = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy())
  })
  const door = createDoor(host, (socket) => http.emit('connection', socket))
  await door.open(speaker.port)
  const tell = (service: string, action: string, args: Readonly<Record<string, string>> = {}): void => {
    perform(household, household.coordinatorOf(speaker), { service, action, args })
  }
  return {
    uid: speaker.uid,
    state: () => {
      for (const one of household.speakers) advance(one, household.now())
      const on = household.coordinatorOf(speaker).doing === 'PLAYING'
      return { kind: 'sonos', on, fault, calls, ...speaker, queue: [...speaker.queue] }
    },
    set: (change) => {
      for (const one of household.speakers) advance(one, household.now())
      Object.assign(speaker, change)
    },
    setOn: (on) => {
      if (!on) return tell('AVTransport', 'Pause')
      if (household.coordinatorOf(speaker).uri === '') tell('AVTransport', 'SetAVTransportURI', { CurrentURI: radio })
      tell('AVTransport', 'Play')
    },
    setFault: async (next) => {
      fault = next
      await (next === 'refuse' ? door.shut() : door.open(speaker.port))
    },
    onCall: (next) => {
      listener = next
    },
    stop: door.shut,
  }
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
