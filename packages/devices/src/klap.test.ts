import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Klap, type KasaSimulator, startKasa } from '@homeslice/simulators'
import { freePort } from '@homeslice/testing'
import { kasaSwitch } from './kasa/client.ts'
import { type Account, keysFor, proofOfDevice } from './kasa/klap/account.ts'
import type { KasaPlace } from './kasa/place.ts'
import type { Result, Switch, Trouble } from './switch.ts'

const host = '127.0.9.40'
const soon = (): AbortSignal => AbortSignal.timeout(15_000)
const mine: Account = { user: 'me@casa.test', password: 'a secret of mine' }
const given = (account: Account) => () => Promise.resolve<Result<Account>>({ ok: true, value: account })
const good = (value: boolean) => ({ ok: true, value })

const started = async (klap: Klap, more: { readonly children?: readonly string[] } = {}) => {
  const simulator = await startKasa({ name: 'porch', host, port: await freePort(), klap, ...more })
  onTestFinished(() => simulator.stop())
  return simulator
}
/** A client whose legacy port is one where nobody listens. */
const clientOf = async (simulator: KasaSimulator, more: Partial<KasaPlace> = {}): Promise<Switch> =>
  kasaSwitch({ name: 'porch', host, port: await freePort(), klapPort: simulator.state().port, ...more })

const troubleOf = (result: Result): Trouble | undefined | 'none' => (result.ok ? 'none' : result.trouble)

describe.each<Klap>([{ version: 1 }, { version: 2 }, { version: 2, speech: 'smart' }])(
  'a device that speaks KLAP (%o)',
  (klap) => {
    it('is switched and read by one login', async () => {
      const simulator = await started(klap)
      const device = await clientOf(simulator)
      for (const on of [true, false, true]) {
        expect(await device.set(on, soon())).toEqual(good(on))
        expect([await device.read(soon()), simulator.state().on]).toEqual([good(on), on])
      }
      expect(simulator.logins()).toBe(1)
    })

    it('is opened by the account that it was set up with', async () => {
      const device = await clientOf(await started({ ...klap, account: mine }), { account: given(mine) })
      expect(await device.set(true, soon())).toEqual(good(true))
    })

    it.each([
      ['of Kasa', { user: 'kasa@tp-link.net', password: 'kasaSetup' }],
      ['of Tapo', { user: 'test@tp-link.net', password: 'test' }],
      ['blank', { user: '', password: '' }],
    ])('is opened by the account of the factory (%s) even where another is set', async (_, account) => {
      const device = await clientOf(await started({ ...klap, account }), { account: given(mine) })
      expect(await device.read(soon())).toEqual(good(false))
    })

    it('says which account it wants', async () => {
      const simulator = await started({ ...klap, account: mine })
      expect(await (await clientOf(simulator)).read(soon())).toEqual({
        ok: false,
        kind: 'refused',
        reason:
          'porch wants the TP-Link account that it was set up with: set its "account", or turn on "Third-Party Integration" in the Kasa app',
        trouble: 'account',
      })
      const wrong = await clientOf(simulator, { account: given({ ...mine, password: 'A secret of mine' }) })
      expect(await wrong.read(soon())).toMatchObject({
        reason: expect.stringMatching(/^porch does not take its "account": set/u) as string,
        trouble: 'account',
      })
    })

    it('is asked again with the account as it is then', async () => {
      let account = { ...mine, password: 'old' }
      const device = await clientOf(await started({ ...klap, account: mine }), {
        account: () => Promise.resolve({ ok: true, value: account }),
      })
      expect((await device.read(soon())).ok).toBe(false)
      account = mine
      expect(await device.read(soon())).toEqual(good(false))
    })

    it('is not asked where its account cannot be read', async () => {
      const simulator = await started(klap)
      const reason = { ok: false, kind: 'refused', reason: 'x cannot be read', trouble: 'account' } as const
      const device = await clientOf(simulator, { account: () => Promise.resolve(reason) })
      expect([await device.read(soon()), simulator.logins()]).toEqual([reason, 0])
    })

    it('may want a login for each request, and gets it', async () => {
      const simulator = await started({ ...klap, requestsPerSession: 1 })
      const device = await clientOf(simulator)
      for (const on of [true, false, true, false]) expect(await device.set(on, soon())).toEqual(good(on))
      const before = simulator.state().calls
      for (const on of [true, false]) expect(await device.set(on, soon())).toEqual(good(on))
      // By now it is known: no request goes to a session that is over.
      expect(simulator.state().calls - before).toBe(2)
    })

    it('is logged in to again when the login is over, by its own word or the clock of the device', async () => {
      const short = await started({ ...klap, sessionSeconds: 0 })
      const device = await clientOf(short)
      expect((await device.read(soon())).ok).toBe(false)
      const simulator = await started(klap)
      const other = await clientOf(simulator)
      await other.read(soon())
      // A device remembers few logins.
      for (let more = 0; more < 8; more += 1) await (await clientOf(simulator)).read(soon())
      expect([await other.read(soon()), simulator.logins()]).toEqual([good(false), 10])
    })

    it('has outlets by place, name and id', async () => {
      const simulator = await started(klap, { children: ['tv', 'lamp', 'fan'] })
      const outlet = (child: string) => clientOf(simulator, { child })
      const id = '800600000000000000000000000000000000000102'
      for (const child of ['0', 'lamp', id]) expect(await (await outlet(child)).set(true, soon())).toEqual(good(true))
      await (await outlet('1')).set(false, soon())
      expect(simulator.outlets()).toEqual([true, false, true])
      expect(await (await outlet('lamp')).read(soon())).toEqual(good(false))
      expect(await (await outlet('fan')).read(soon())).toEqual(good(true))
    })

    it('is asked for the id of an outlet once, and anew when another device has come', async () => {
      const [port, klapPort] = [await freePort(), await freePort()]
      const device = kasaSwitch({ name: 'porch', host, port, klapPort, child: 'tv' })
      const place = { name: 'porch', host, port: klapPort, klap }
      const first = await startKasa({ ...place, children: ['lamp', 'tv'] })
      for (const on of [true, false]) await device.set(on, soon())
      expect(first.state().calls).toBe(klap.speech === 'smart' ? 4 : 3)
      await first.stop()
      const second = await startKasa({ ...place, children: ['tv'] })
      onTestFinished(() => second.stop())
      expect(troubleOf(await device.set(true, soon()))).toBe('said-no')
      expect([await device.set(true, soon()), second.outlets()]).toEqual([good(true), [true]])
    })

    it('says which outlets it has', async () => {
      const strip = await clientOf(await started(klap, { children: ['tv', 'lamp'] }), { child: '2' })
      const reason = 'porch has no outlet "2": set "child" to 0 to 1, or to an outlet\'s name in the app'
      const none = { ok: false, kind: 'refused', reason, trouble: 'outlet' }
      expect([await strip.read(soon()), await strip.set(true, soon())]).toEqual([none, none])
      const plug = await clientOf(await started(klap), { child: '0' })
      expect((await plug.set(true, soon())).ok).toBe(false)
    })

    it('says no', async () => {
      const simulator = await started(klap, { children: ['tv'] })
      await simulator.setFault('error')
      const device = await clientOf(simulator, { child: 'tv' })
      expect(troubleOf(await device.set(true, soon()))).toBe('said-no')
      const plug = await started(klap)
      await plug.setFault('error')
      expect(troubleOf(await (await clientOf(plug)).set(true, soon()))).toBe('said-no')
    })
  },
)

describe('a strip that speaks as Tapo does', () => {
  it('cannot be switched as a whole, and says so', async () => {
    const strip = await clientOf(await started({ version: 2, speech: 'smart' }, { children: ['tv'] }))
    expect(await strip.read(soon())).toMatchObject({
      reason: expect.stringMatching(/where it is a strip, set "child"/u) as string,
      trouble: 'outlet',
    })
    expect((await strip.set(true, soon())).ok).toBe(false)
  })
})

describe('the way to speak to a device', () => {
  it('is found again when new firmware changes it, there and back', async () => {
    const [port, klapPort] = [await freePort(), await freePort()]
    const device = kasaSwitch({ name: 'porch', host, port, klapPort })
    const old = await startKasa({ name: 'porch', host, port })
    expect(await device.read(soon())).toEqual(good(false))
    await old.stop()
    const updated = await startKasa({ name: 'porch', host, port: klapPort, klap: { version: 2 } })
    expect([await device.set(true, soon()), updated.state().on]).toEqual([good(true), true])
    await updated.stop()
    expect(troubleOf(await device.read(soon()))).toBe('closed')
    const smart = await startKasa({ name: 'porch', host, port: klapPort, klap: { version: 2, speech: 'smart' } })
    expect([await device.set(true, soon()), smart.state().on]).toEqual([good(true), true])
    await smart.stop()
    const again = await startKasa({ name: 'porch', host, port })
    expect([await device.set(true, soon()), again.state().on]).toEqual([good(true), true])
    await again.stop()
  })

  it('is kept through a power cut', async () => {
    const klapPort = await freePort()
    const device = kasaSwitch({ name: 'porch', host, port: await freePort(), klapPort })
    for (const on of [true, false]) {
      const simulator = await startKasa({ name: 'porch', host, port: klapPort, klap: { version: 1 } })
      expect([await device.set(on, soon()), simulator.logins()]).toEqual([good(on), 1])
      await simulator.stop()
    }
  })
})

describe('what stands in the way', () => {
  it.each<[string, Klap, Trouble, RegExp]>([
    ['the setting in the app', { version: 2 }, 'local-control-off', /403: turn on "Third-Party Compatibility"/u],
    ['TPAP', { version: 2, tpap: true }, 'protocol', /only TPAP, which Homeslice does not: turn on "Third-Party/u],
  ])('%s is named', async (_, klap, trouble, reason) => {
    const simulator = await started(klap)
    await simulator.setFault('forbidden')
    const device = await clientOf(simulator, { account: given(mine) })
    const matching = expect.stringMatching(reason) as string
    expect(await device.read(soon())).toEqual({ ok: false, kind: 'refused', reason: matching, trouble })
  })

  const asked = async (answer: RequestListener) => {
    const server = createServer(answer).listen(0, host)
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const klapPort = (server.address() as AddressInfo).port
    return kasaSwitch({ name: 'x', host, port: await freePort(), klapPort }).read(soon())
  }

  it.each<[string, RequestListener, Trouble | undefined, RegExp]>([
    ['a web server', (_, response) => response.writeHead(404).end(), 'stranger', /answered 404: it is no Kasa device/u],
    [
      'a page',
      (_, response) => response.end('<html>'),
      'stranger',
      /answered a login with what is none: it is no Kasa/u,
    ],
    ['a redirect', (_, response) => response.writeHead(301).end(), 'stranger', /answered 301/u],
    ['too much', (_, response) => response.end(Buffer.alloc(70_000)), 'nonsense', /more than a switch/u],
    ['a hang-up', ({ socket }) => socket.destroy(), 'broke-off', /broke off/u],
    ['a proof of nothing', (_, response) => response.end(Buffer.alloc(48)), 'account', /wants the TP-Link account/u],
    [
      '403, and nothing at its root',
      ({ url, socket }, response) => (url === '/' ? socket.destroy() : response.writeHead(403).end()),
      'local-control-off',
      /forbids local control/u,
    ],
    [
      '403, and a page at its root',
      ({ url }, response) => (url === '/' ? response.end('<html>') : response.writeHead(403).end()),
      'local-control-off',
      /forbids local control/u,
    ],
    [
      'a device that breaks off the login',
      (request, response) => {
        request.on('data', (ours: Buffer) => {
          const theirs = Buffer.alloc(16)
          const [key] = keysFor(undefined)
          if (request.url === '/app/handshake1')
            response.end(Buffer.concat([theirs, proofOfDevice({ ours, theirs }, key!)]))
          else response.writeHead(500).end()
        })
      },
      'said-no',
      /^x broke off the login with 500: unplug it/u,
    ],
  ])('%s is told from a device', async (_, answer, trouble, reason) => {
    const matching = expect.stringMatching(reason) as string
    expect(await asked(answer)).toEqual({ ok: false, kind: 'refused', reason: matching, trouble })
  })
})
