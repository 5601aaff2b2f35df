import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '@homeslice/testing'
import { kasaSwitch } from './kasa/client.ts'
import { decodeFrame, encodeFrame, frameLimit } from './kasa/frame.ts'
import { iotSpeech } from './kasa/iot.ts'
import { createCipher } from './kasa/klap/cipher.ts'
import { childIdOf, setOutcome, stateOf } from './kasa/messages.ts'
import { smartSpeech } from './kasa/smart.ts'
import type { Result, Switch } from './switch.ts'
import { wemoSwitch } from './wemo/client.ts'
import { parseState } from './wemo/soap.ts'

const host = '127.0.9.45'
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array))

/** JSON near to what devices say: their own words at any place, and any value behind them. */
const words = [
  'system get_sysinfo set_relay_state relay_state err_code children id alias state light_state on_off deviceId',
  'smartlife.iot.smartbulb.lightingservice transition_light_state error_code result device_on child_device_list',
  'device_id nickname responseData responses tpap __proto__ constructor toString valueOf length',
].flatMap((line) => line.split(' '))
const { said } = fc.letrec<{ said: unknown }>((tie) => ({
  said: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(0, 1, -1, -2, true, false, null, '', '0', '00', Number.MAX_VALUE, { toString: 1 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.array(tie('said'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.constantFrom(...words), tie('said')), { maxLength: 5 })
      .map(
        (entries) =>
          JSON.parse(
            `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`,
          ) as unknown,
      ),
  ),
}))

const goodAnswers: readonly unknown[] = [
  { system: { get_sysinfo: { relay_state: 1, deviceId: 'D', children: [{ id: '00', alias: 'tv', state: 1 }] } } },
  { system: { set_relay_state: { err_code: 0 } }, 'smartlife.iot.smartbulb.lightingservice': { err_code: -1 } },
  {
    error_code: 0,
    result: { device_on: true, child_device_list: [{ device_id: 'i', nickname: 'dHY=', device_on: true }] },
  },
  { error_code: 0, result: { responseData: { error_code: 0, result: { responses: [{ error_code: 0 }] } } } },
]

/** The same with something else in one place. */
const twisted = (value: unknown, place: number, other: unknown): unknown => {
  let left = place
  const walk = (one: unknown): unknown => {
    if ((left -= 1) < 0) return left === -1 ? other : one
    if (Array.isArray(one)) return one.map(walk)
    if (typeof one !== 'object' || one === null) return one
    return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, walk(inner)]))
  }
  return walk(value)
}
const answer = fc
  .tuple(fc.constantFrom(...goodAnswers), fc.nat({ max: 12 }), said)
  .map(([good, place, other]) => twisted(good, place, other))

/** The outlets, then what became of one: a conversation that gets as far as it can. */
const outletTurns = fc
  .tuple(fc.nat({ max: 12 }), said)
  .map(([place, other]) => [goodAnswers[2], twisted(goodAnswers[3], place, other)])

const isResult = (result: Result): boolean => result.ok || (result.reason.length > 0 && result.reason.length < 500)

describe('what a device says, whatever it is', () => {
  test.prop([fc.string({ unit: 'binary', maxLength: 500 }), fc.array(fc.nat({ max: 600 }), { maxLength: 8 })])(
    'a frame in pieces is whole with its last byte, and not before',
    (message, cuts) => {
      const frame = encodeFrame(message)
      const ends = [...cuts.filter((cut) => cut < frame.length), frame.length].toSorted((a, b) => a - b)
      for (const end of ends) {
        const decoded = decodeFrame(frame.subarray(0, end))
        if (end === frame.length) expect(decoded).toEqual({ state: 'whole', message })
        else expect(decoded).toMatchObject({ state: 'more', wanted: end < 4 ? 4 : frame.length })
      }
    },
  )

  test.prop([bytes(2000)])('bytes become a bounded message, or none', (arrived) => {
    const decoded = decodeFrame(arrived)
    if (decoded.state === 'whole') expect(decoded.message.length).toBeLessThanOrEqual(arrived.length)
    if (decoded.state === 'more') expect(decoded.wanted).toBeLessThanOrEqual(frameLimit + 4)
  })

  test.prop([fc.oneof(said, answer), fc.constantFrom(undefined, '', '0', 'tv', 'toString')], { numRuns: 500 })(
    'JSON has an outcome',
    (answer, child) => {
      const outcomes: Result[] = [setOutcome('x', answer), stateOf('x', answer, child)]
      if (child !== undefined) outcomes.push(childIdOf('x', answer, child))
      expect(outcomes.every(isResult)).toBe(true)
    },
  )

  const speeches = { iot: iotSpeech, smart: smartSpeech }
  test.prop(
    [
      fc.constantFrom('iot', 'smart' as const),
      fc.oneof(fc.array(fc.oneof(said, answer), { minLength: 1, maxLength: 3 }), outletTurns),
      fc.option(fc.constantFrom('0', 'tv')),
    ],
    { numRuns: 2000 },
  )('a conversation ends', async (language, answers, child) => {
    const speech = speeches[language]('x', child ?? undefined)
    const asking = () => {
      const left = [...answers]
      return (): Promise<Result> => Promise.resolve({ ok: true, value: left.length > 1 ? left.shift() : left[0] })
    }
    const limit = AbortSignal.timeout(10_000)
    for (const result of [await speech.read(asking(), limit), await speech.set(asking(), true, limit)]) {
      expect(result === 'other speech' || isResult(result)).toBe(true)
    }
  })

  const key = { version: 2, hash: Buffer.alloc(32, 1), owner: 'user' } as const
  const seeds = { ours: Buffer.alloc(16, 2), theirs: Buffer.alloc(16, 3) }
  test.prop([fc.string({ unit: 'binary', maxLength: 500 }), fc.maxSafeInteger(), bytes(200)])(
    'a hidden message comes back, and another does not',
    (message, number, other) => {
      const { seal, open } = createCipher(seeds, key)
      const { sequence, body } = seal(message)
      expect(open(sequence, body)).toBe(Buffer.from(message).toString())
      expect(['string', 'undefined']).toContain(typeof open(sequence, other))
      expect(open(sequence, body.subarray(0, number % (body.length - 1)))).not.toBe(message)
    },
  )

  test.prop([fc.string({ unit: 'binary', maxLength: 2000 }), fc.nat({ max: 3 })])(
    'XML has a state or none',
    (text, times) => {
      for (const body of [text, `<BinaryState>${text.repeat(times)}</BinaryState>`, `${text}<BinaryState>${text}`])
        expect(isResult(parseState('x', body))).toBe(true)
    },
  )
})

type Ending = 'close' | 'reset' | 'hold'
const endings: Readonly<Record<Ending, (socket: Socket) => unknown>> = {
  close: (socket) => socket.end(),
  reset: (socket) => socket.resetAndDestroy(),
  hold: () => undefined,
}

const opened = async (server: Server): Promise<number> => {
  server.listen(0, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Everything that a device could send: pieces one by one, then an end. */
const raw = (pieces: readonly Buffer[], ending: Ending): Server =>
  createServer((socket) => {
    socket.on('error', () => undefined).resume()
    for (const piece of pieces) socket.write(piece)
    endings[ending](socket)
  })

/** One answer to each request, the statuses in turn. */
const http = (statuses: readonly number[], headers: Record<string, string>, body: Buffer): Server => {
  let turn = 0
  return createHttpServer((_, response) => {
    turn += 1
    response.writeHead(statuses[turn % statuses.length]!, headers).end(body)
  })
}

const clients: Readonly<Record<string, (port: number, closed: number) => Switch>> = {
  legacy: (port) => kasaSwitch({ name: 'x', host, port }),
  klap: (klapPort, port) => kasaSwitch({ name: 'x', host, port, klapPort, child: '0' }),
  wemo: (port) => wemoSwitch({ name: 'x', host, port }),
}
const client = fc.constantFrom(...Object.keys(clients))
const short = (): AbortSignal => AbortSignal.timeout(150)

const outcomeOf = async (server: Server, kind: string): Promise<Result> => {
  const device = clients[kind]!(await opened(server), closedPort)
  const [read, set] = [await device.read(short()), await device.set(true, short())]
  server.close()
  expect([isResult(read), isResult(set)]).toEqual([true, true])
  return read
}
let closedPort = 0

describe('what comes over the wire, whatever it is', () => {
  const piece = fc.oneof(
    bytes(300),
    fc.oneof(said, answer).map((value) => encodeFrame(JSON.stringify(value))),
    fc.constantFrom(
      ...['HTTP/1.1 200 OK\r\n', 'Content-Length: 48\r\n\r\n', '\r\n', '0', '<BinaryState>'].map((text) =>
        Buffer.from(text),
      ),
    ),
  )
  test.prop([client, fc.array(piece, { maxLength: 5 }), fc.constantFrom<Ending>('close', 'reset', 'hold')], {
    numRuns: 60,
  })(
    'bytes end in an answer by the deadline',
    async (kind, pieces, ending) => {
      closedPort ||= await freePort()
      await outcomeOf(raw(pieces, ending), kind)
    },
    60_000,
  )

  const status = fc.constantFrom(200, 200, 200, 204, 301, 403, 404, 500)
  const header = fc.constantFrom<Record<string, string>>(
    {},
    { 'Set-Cookie': 'TP_SESSIONID=A;TIMEOUT=86400' },
    { 'Set-Cookie': 'TIMEOUT=99999999999999999999; TP_SESSIONID=' },
    { 'Content-Encoding': 'gzip' },
  )
  test.prop([fc.constantFrom('klap', 'wemo'), fc.array(status, { minLength: 1, maxLength: 3 }), header, bytes(100)], {
    numRuns: 60,
  })(
    'HTTP of any kind ends in an answer',
    async (kind, statuses, headers, body) => {
      closedPort ||= await freePort()
      await outcomeOf(http(statuses, headers, body), kind)
    },
    60_000,
  )

  it.each([
    ['legacy', 'frames without end', encodeFrame('x'.repeat(60_000))],
    ['klap', 'a body without end', Buffer.from('HTTP/1.1 200 OK\r\n\r\n')],
    ['wemo', 'a body without end', Buffer.from('HTTP/1.1 200 OK\r\n\r\n')],
    ['klap', 'headers without end', Buffer.from('HTTP/1.1 200 OK\r\nX: ')],
    ['wemo', 'chunks without end', Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n')],
  ])('%s: %s are cut off', async (kind, _, head) => {
    let sent = 0
    const left = Promise.withResolvers<void>()
    const server = createServer((socket) => {
      socket.on('error', () => undefined).on('close', () => left.resolve())
      socket.resume().write(head)
      const flood = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(16_384, 'x'))) sent += 16_384
      }
      socket.on('drain', flood)
      flood()
    })
    onTestFinished(() => void server.close())
    const device = clients[kind]!(await opened(server), await freePort())
    expect(await device.read(AbortSignal.timeout(10_000))).toMatchObject({ ok: false, kind: 'refused' })
    await left.promise
    // What fits into the buffers of two sockets, not what a device could send in ten seconds.
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  })
})
