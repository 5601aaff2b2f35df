import { describe, expect, it } from 'vitest'
import { house, simulated, textAt } from './house.testing.ts'
import { buttons, catalog, clocktime, operationFor, switches } from './index.ts'

const entries = [...catalog.values()].map((entry) => [entry.name, entry] as const)

describe.each(entries)('the entry of %s', (name, entry) => {
  it('is found by its name, and works as it is', () => {
    expect(catalog.get(name)).toBe(entry)
    const settings = entry.settings.parse({})
    expect(Object.values(entry.wire(settings, simulated).env).every((value) => value !== '')).toBe(true)
  })

  it('refuses settings that it does not know', () => {
    expect(entry.settings.safeParse({ colour: 'red' }).success).toBe(false)
  })

  it('says what each path of its route answers', () => {
    for (const path of entry.paths) {
      expect(path).toMatch(/^\/api\/v0\/[a-z]+\/$/u)
      expect(entry.contract.some((operation) => operation.path === '*' || operation.path.startsWith(path))).toBe(true)
    }
  })

  it('says for each answer when it comes, and what it holds', () => {
    for (const { path, summary, replies } of entry.contract) {
      expect([path, summary]).toEqual([path, expect.stringMatching(/^[A-Z].*\.$/u) as string])
      expect(new Set(replies.map(({ status }) => status)).size).toBeGreaterThan(0)
      for (const { status, body, when } of replies) {
        expect(when).not.toBe('')
        // Text in an error could be read as a state by clients that look at the body alone; where there is no state, some
        // originals had words of their own.
        expect(status < 400 || status === 404 || status === 405 || body === undefined, `${path} ${status}`).toBe(true)
        expect(() => new RegExp(body ?? '', 'u')).not.toThrow()
      }
    }
  })

  it('answers requests and is probed, or runs by a schedule', () => {
    expect([entry.port, entry.metricsPort, entry.schedule].map((one) => one !== undefined)).toEqual(
      entry.contract.length > 0 ? [true, true, false] : [false, false, true],
    )
  })

  it.runIf(entry.port)('leaves no request without an answer', () => {
    for (const method of ['GET', 'POST', 'HEAD', 'BREW'])
      for (const path of ['/', '/api/v0/x', '/api/v0/switches/a/on/'])
        expect(operationFor(entry.contract, { method, path })).toBeDefined()
  })
})

describe('clocktime', () => {
  it.each([
    ['the timezone of the home', {}, 'Europe/Lisbon'],
    ['a place of its own', { location: 'Asia/Tokyo' }, 'Asia/Tokyo'],
  ])('is wired with %s', (_, written, LOCATION) => {
    const settings = clocktime.settings.parse(written)
    expect(clocktime.wire(settings, house)).toEqual({ args: [], env: { LOCATION }, files: {} })
    expect(clocktime.calls(settings)).toEqual([])
  })

  it.each(['Europe/Lisbonn', '+01:00', ''])('refuses %j as its place', (location) => {
    expect(clocktime.settings.safeParse({ location }).success).toBe(false)
  })
})

describe('buttons', () => {
  it.each([
    [{}, 'http://clocktime.casa-prod-clocktime.svc', '128', ['clocktime']],
    [{ clocktime: 'clock', size: 5 }, 'http://clock.casa-prod-clock.svc', '5', ['clock']],
  ])('%j are wired to the clock they call', (written, CLOCKTIME_URL, BUTTONS_SIZE, calls) => {
    const settings = buttons.settings.parse(written)
    expect(buttons.wire(settings, house)).toEqual({ args: [], env: { CLOCKTIME_URL, BUTTONS_SIZE }, files: {} })
    expect(buttons.calls(settings)).toEqual(calls)
  })

  it.each([{ size: 0 }, { size: 1.5 }, { size: 100_001 }, { clocktime: '' }])('refuse %j', (written) => {
    expect(buttons.settings.safeParse(written).success).toBe(false)
  })
})

describe('switches', () => {
  it('get their devices as the file that the original read', () => {
    const settings = switches.settings.parse({})
    const { args, env, files } = switches.wire(settings, house)
    expect([args, env, Object.keys(files)]).toEqual([['/etc/switches/switches.json'], {}, args])
    expect(JSON.parse(textAt(files, args[0]))).toEqual([
      { id: 'porch', kind: 'kasa/v1', name: 'porch', address: '192.0.2.20' },
      { id: 'tv', kind: 'kasa/v1', name: 'tv', address: '192.0.2.22', child: '1' },
      { id: 'lamp', kind: 'wemo/v1', name: 'lamp', address: 'device-lamp.casa-prod-device-lamp.svc' },
    ])
    expect(switches.calls(settings)).toEqual([])
  })

  it('get the account of a device as a file of its own', () => {
    const account = { secret: 'kasa' }
    const devices = [{ name: 'porch', kind: 'kasa', address: '192.0.2.20', account, simulate: false }]
    const { files } = switches.wire(switches.settings.parse({}), { ...house, devices })
    expect(JSON.parse(textAt(files, '/etc/switches/switches.json'))).toMatchObject([
      { id: 'porch', account: '/etc/switches/accounts/porch' },
    ])
    expect(files['/etc/switches/accounts/porch']).toBe(account)
  })

  it('answer OK whatever happened, where that is asked for', () => {
    const settings = switches.settings.parse({ alwaysOk: true })
    expect(switches.wire(settings, house).env).toEqual({ SWITCHES_ALWAYS_OK: '1' })
  })
})

describe('the operation that counts', () => {
  const at = (method: string, path: string) => {
    const operation = operationFor(switches.contract, { method, path })
    return operation && `${String(operation.methods)} ${operation.path}`
  }
  it.each([
    ['POST', '/api/v0/switches/porch/on/', 'POST /api/v0/switches/{id}/{operation}/'],
    ['POST', '/api/v0/switches/porch/on/?now', 'POST /api/v0/switches/{id}/{operation}/'],
    ['GET', '/api/v0/switches/porch/status/', 'GET /api/v0/switches/{id}/status/'],
    ['GET', '/api/v0/switches/porch/', 'GET /api/v0/switches/{id}/'],
    ['GET', '/api/v0/switches/porch/on/', 'any *'],
    ['POST', '/api/v0/switches/porch/on', 'POST *'],
    ['PUT', '/api/v0/switches/porch/on/', 'any *'],
  ])('%s %s', (method, path, found) => {
    expect(at(method, path)).toBe(found)
  })

  it('is none where a contract says nothing', () => {
    expect(operationFor([], { method: 'GET', path: '/' })).toBeUndefined()
  })
})
