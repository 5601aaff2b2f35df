import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { houseText, root } from '@homeslice/testing'
import * as contract from '@homeslice/testing/contract'
import { isAllReady, ownCheckout, send, type Session, startSession } from './session.testing.ts'

const long = 120_000

describe('a home as processes of this machine', () => {
  let session: Session
  // The suite may know more services than this home has.
  const services = (Object.keys(contract.suite) as (keyof typeof contract.suite)[]).filter((name) =>
    houseText().includes(`use: ${name}`),
  )
  const withImage = `  web: { image: "example.test/web:1", port: 80, routes: [] }\n`
  const redirects = `redirects:\n  - { path: /unifi, to: 'https://192.0.2.1:8443/' }\n`
  beforeAll(async () => {
    session = await startSession(houseText(withImage, redirects), { checkout: root })
    await session.until('all of it', isAllReady)
  }, long)
  afterAll(() => session.end(), long)

  const press = async (device: string, change: object): Promise<void> => {
    const { status, body } = await session.post(`/press/${device}`, change)
    expect([status, body]).toEqual([200, body])
  }
  const target = (): contract.Target => ({
    host: '127.0.0.1',
    port: session.door,
    device: async ({ device, fault, on }) => {
      if (fault !== undefined) await press(device, { fault })
      if (on !== undefined) await press(device, { on })
    },
    stateOf: async (device) =>
      (await session.view()).devices.find(({ name }) => name === device)?.device?.['on'] === true,
  })

  it.each(services)(
    'keeps the contract of %s at its door',
    async (service) => {
      const { wrong, kept, exceptions, total } = await contract.runContract(service, target(), { via: 'gateway' })
      expect([service, wrong, kept]).toEqual([service, [], total - exceptions.length])
    },
    long,
  )

  it('shows what runs, what does not and why, and what can be pressed', async () => {
    const view = await session.view()
    expect(view).toMatchObject({ home: 'casa', environment: 'prod' })
    expect(view.services.map(({ name, urls }) => [name, ...urls])).toEqual([
      ['clocktime', `http://127.0.0.1:${session.door}/api/v0/clocktime/`],
      [
        'buttons',
        `http://127.0.0.1:${session.door}/api/v0/buttontimes/`,
        `http://127.0.0.1:${session.door}/api/v0/buttons/`,
      ],
      ['switches', `http://127.0.0.1:${session.door}/api/v0/switches/`],
    ])
    expect(view.notRun).toEqual([
      { name: 'web', reason: 'its image is example.test/web:1; here run the services of the catalog only' },
    ])
    expect(session.log()).toContain('web is not run: its image is example.test/web:1')
    expect(view.devices.map(({ name, kind, device }) => [name, kind, device?.['kind']])).toEqual([
      ['porch', 'kasa', 'kasa'],
      ['lamp', 'wemo', 'wemo'],
    ])
    const calls = view.services
      .find(({ name }) => name === 'switches')
      ?.calls.map(({ method, path }) => `${method} ${path}`)
    expect(calls).toContain('POST /api/v0/switches/porch/toggle/')
    expect(calls).toContain('GET /api/v0/switches/lamp/status/')
  })

  it('sends a request for the page, and says what came of it', async () => {
    await press('porch', { fault: 'none', on: false })
    const path = '/api/v0/switches/porch/on/'
    const { body } = await session.post('/call/switches', { method: 'POST', path })
    expect(JSON.parse(body)).toMatchObject({ status: 200, body: 'OK' })
    await press('porch', { fault: 'refuse' })
    const refused = JSON.parse((await session.post('/call/switches', { method: 'POST', path })).body) as object
    expect(refused).toMatchObject({ status: 502, headers: { 'x-homeslice-reason': expect.any(String) as string } })
    await press('porch', { fault: 'none' })
  })

  it.each([
    ['/call/switches', { method: 'POST', path: 'http://192.0.2.1/' }, /is no request/u],
    ['/call/switches', { method: 'post\r\n', path: '/' }, /is no request/u],
    ['/call/nobody', { method: 'GET', path: '/' }, /no service "nobody"/u],
    ['/press/nobody', { on: true }, /no device "nobody"/u],
    ['/press/porch', { fault: 'sulk' }, /cannot do that/u],
    ['/press/porch', {}, /press takes/u],
    ['/restart/nobody', {}, /no service or job "nobody"/u],
    ['/else/%zz', {}, /there are POST/u],
    ['/press/porch', [], /one JSON object/u],
  ])('refuses %s %j', async (path, body, says) => {
    const { status, body: said } = await session.post(path, body)
    expect([status, JSON.parse(said)]).toEqual([400, { error: expect.stringMatching(says) as string }])
  })

  it('sends people on and away as the gateway does', async () => {
    const moved = await send(session.door, { path: '/unifi/x' })
    expect([moved.status, moved.headers['location']]).toEqual([301, 'https://192.0.2.1:8443/'])
    expect(await send(session.door, { path: '/api/v0/switchesx/' })).toMatchObject({
      status: 404,
      body: '404 page not found\n',
    })
  })

  it(
    'starts a program again that ends by itself, and says why',
    async () => {
      const { body } = await session.post('/restart/clocktime', {})
      expect(JSON.parse(body)).toEqual({ restarted: 'clocktime' })
      await session.until('the clock', isAllReady)
      expect((await send(session.door, { path: '/api/v0/clocktime/' })).status).toBe(200)
    },
    long,
  )

  describe('its page', () => {
    const own = (): string => `127.0.0.1:${session.page}`
    const json = { 'Content-Type': 'application/json' }
    const from = (origin: string): object => ({ Host: own(), Origin: origin, ...json })
    const ask = (method: string, path: string, headers: object) =>
      send(session.page, { method, path, headers, body: method === 'POST' ? '{"on":true}' : '' })

    it.each<[string, string, () => object, number]>([
      ['another host by name (DNS rebinding)', 'GET', () => ({ Host: `evil.test:${session.page}` }), 421],
      ['another port of this machine', 'GET', () => ({ Host: '127.0.0.1:1' }), 421],
      ['no host that is ours', 'POST', () => ({ Host: 'evil.test', Origin: `http://${own()}`, ...json }), 421],
      ['a read by a script of another site', 'GET', () => ({ Host: own(), Origin: 'http://evil.test' }), 403],
      ['a change by another site', 'POST', () => from('http://evil.test'), 403],
      ['a change by the door, another port', 'POST', () => from(`http://127.0.0.1:${session.door}`), 403],
      ['a change by a frame without origin', 'POST', () => from('null'), 403],
      ['a change without Origin', 'POST', () => ({ Host: own(), ...json }), 403],
      ['a form', 'POST', () => ({ ...from(`http://${own()}`), 'Content-Type': 'text/plain' }), 415],
      ['a fetch across sites', 'POST', () => ({ ...from(`http://${own()}`), 'Sec-Fetch-Site': 'cross-site' }), 403],
      ['another method', 'PUT', () => from(`http://${own()}`), 405],
      ['a preflight', 'OPTIONS', () => from('http://evil.test'), 403],
    ])('turns away %s', async (_, method, headers, status) => {
      await press('lamp', { on: false })
      const answer = await ask(method, method === 'GET' ? '/state.json' : '/press/lamp', headers())
      expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([status, undefined])
      expect(await target().stateOf('lamp')).toBe(false)
    })

    it.each([
      ['/', 'text/html; charset=utf-8'],
      ['/page.js', 'text/javascript; charset=utf-8'],
      ['/page.css', 'text/css; charset=utf-8'],
      ['/icon.svg', 'image/svg+xml'],
    ])('serves %s, and lets nothing else in', async (path, type) => {
      for (const host of [own(), `localhost:${session.page}`]) {
        const { status, headers } = await ask('GET', path, { Host: host })
        expect([status, headers['content-type']]).toEqual([200, type])
        expect(headers['content-security-policy']).toMatch(
          /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; .*frame-ancestors 'none'/u,
        )
        expect(headers['cross-origin-resource-policy']).toBe('same-origin')
      }
      expect((await ask('HEAD', path, { Host: own() })).body).toBe('')
      expect((await ask('GET', '/else', { Host: own() })).status).toBe(404)
    })

    it('has no script and no style of its own inside', async () => {
      const { body } = await ask('GET', '/', { Host: own() })
      const { body: script } = await ask('GET', '/page.js', { Host: own() })
      expect(() => new Script(`async () => {${script}}`)).not.toThrow()
      // Text of others is set as text: the page has no way to make markup of it.
      expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/u)
      expect(body).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=/u)
    })
  })
})

describe('a home that changes while it runs', () => {
  let session: Session
  const small = (more: string): string =>
    `version: 1\nhome: { name: casa, timezone: Europe/Lisbon, domain: casa.test }\nservices:\n  clocktime: { use: clocktime, env: { TOKEN: { secret: key } } }\n${more}`
  beforeAll(async () => {
    session = await startSession(small(''), { checkout: ownCheckout() })
    await session.until('all of it', isAllReady)
  }, long)
  afterAll(async () => {
    await session.end()
    rmSync(session.checkout, { recursive: true, force: true })
  }, long)

  const told = async (): Promise<string> => (await send(session.door, { path: '/api/v0/clocktime/' })).body
  const source = (name: string): string => join(session.checkout, 'services/clocktime/src', name)
  const clockIs =
    (state: string) =>
    ({ services }: { services: readonly { state: string }[] }) =>
      services[0]?.state === state

  it('runs in the place of the home, with secrets that are none', () => {
    expect(session.log()).toMatch(/clocktime info {2}listening zone=Europe\/Lisbon secret=dev-key\n/u)
    expect(session.log()).toContain('secrets are made up here (key)')
  })

  it(
    'reloads a service when a source of it is saved',
    async () => {
      expect(await told()).toBe('1620')
      const saved = performance.now()
      writeFileSync(source('told.ts'), "export const told: string = '0815'\n")
      await session.until('the new clock', async () => (await told()) === '0815')
      process.stdout.write(`reloaded ${Math.round(performance.now() - saved)} ms after it was saved\n`)
      expect(session.log()).toContain('services/clocktime changed: clocktime start again')
    },
    long,
  )

  it(
    'tries again with back-off what does not start, says why, and takes the next save at once',
    async () => {
      writeFileSync(source('told.ts'), "export const told: string = ''\nthrow new Error('no time')\n")
      const failing = await session.until('the third try', ({ services }) => Number(services[0]?.restarts) >= 2)
      expect((await session.until('a wait', clockIs('waiting'))).services[0]?.reason).toMatch(
        /it ended with 1 \(Error: no time\); it is started again in \d/u,
      )
      expect(failing.services).toHaveLength(1)
      expect(session.log()).toContain('no time')
      expect((await send(session.door, { path: '/api/v0/clocktime/' })).status).toBe(502)
      writeFileSync(source('told.ts'), "export const told: string = '0900'\n")
      await session.until('the clock again', async () => (await told()) === '0900')
    },
    long,
  )

  it(
    'goes on as it was while the home file is wrong, and shows what is wrong',
    async () => {
      writeFileSync(session.home, small('  buttons: { use: butons }\n'))
      const { problem } = await session.until('the problem', (view) => view.problem !== undefined)
      expect(problem).toMatch(/home\.yaml:5:\d+: the catalog has no "butons"/u)
      expect(session.log()).toContain('the one before goes on')
      expect(await told()).toBe('0900')
      writeFileSync(session.home, small(''))
      await session.until('no problem', (view) => view.problem === undefined)
    },
    long,
  )

  it(
    'starts what is new, starts again what changed, ends what left',
    async () => {
      writeFileSync(session.home, small('  buttons: { use: buttons, needs: [clocktime] }\n'))
      await session.until('buttons', (view) => view.services.length === 2 && isAllReady(view))
      await send(session.door, { method: 'POST', path: '/api/v0/buttons/a/on/' })
      expect((await send(session.door, { path: '/api/v0/buttontimes/a/' })).body).toBe('ON:0900\n')
      writeFileSync(session.home, small('').replace('Europe/Lisbon', 'Asia/Tokyo'))
      await session.until('only the clock', (view) => view.services.length === 1 && isAllReady(view))
      await session.until('its new zone', () => session.log().includes('zone=Asia/Tokyo'))
      expect((await send(session.door, { path: '/api/v0/buttons/a/' })).status).toBe(404)
    },
    long,
  )
})

describe('a session', () => {
  it(
    'takes the bundles beside a released command, and lets a debugger in where it is asked to',
    async () => {
      const { bundled } = await import('@homeslice/testing')
      const checkout = ownCheckout()
      const { cpSync, mkdirSync } = await import('node:fs')
      const command = join(checkout, 'dist')
      mkdirSync(join(command, 'services'), { recursive: true })
      cpSync(
        await bundled('services/clocktime/src/main.ts', join(checkout, 'bundle')),
        join(command, 'services/clocktime.mjs'),
      )
      const text =
        'version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\nservices:\n  clocktime: { use: clocktime }\n  buttons: { use: buttons, needs: [clocktime] }\n'
      const session = await startSession(text, { command, inspect: 'clocktime' })
      const view = await session.until('the clock', isAllReady)
      expect(view.notRun).toEqual([
        { name: 'buttons', reason: 'there is no program of buttons to run without its image' },
      ])
      expect((await send(session.door, { path: '/api/v0/clocktime/' })).body).toMatch(/^\d{4}$/u)
      const debug = await fetch(`http://${view.services[0]?.debug}/json/list`)
      expect(JSON.stringify(await debug.json())).toContain('clocktime.mjs')
      expect(await session.end()).toBeUndefined()
      rmSync(checkout, { recursive: true, force: true })
      expect(existsSync(checkout)).toBe(false)
    },
    long,
  )
})
