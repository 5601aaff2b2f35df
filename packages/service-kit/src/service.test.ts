import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { freePort, withoutRights } from '@homeslice/testing'
import { text } from './answer.ts'
import { logLevel } from './log.ts'
import { counter, createMetrics, gauge } from './metrics.ts'
import { type MakeService, runService } from './service.ts'

const hello: MakeService = async () => ({ ok: true, handler: () => text('hello') })

const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
afterEach(() => stderr.mockClear())
const complaint = (): string => stderr.mock.calls.map(([words]) => String(words)).join('')

const ports = async () => {
  const [port, metricsPort] = [await freePort(), await freePort()]
  return { port, metricsPort, env: { PORT: String(port), METRICS_PORT: String(metricsPort), LOG_LEVEL: 'ERROR' } }
}
const until = async <Value>(look: () => Promise<Value>): Promise<Value> => vi.waitFor(look, { timeout: 5000 })

describe('a service', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('runs until %s, and tells how it is on its second port', async (signal) => {
    const { port, metricsPort, env } = await ports()
    const closed = vi.fn<() => Promise<void>>(() => Promise.resolve())
    const make: MakeService = async (_, { metrics }) => {
      counter(metrics.registry, 'presses_total', 'Presses.', ['button']).inc({ button: 'a' })
      gauge(metrics.registry, 'level', 'Level.', []).set(3)
      return { ok: true, handler: () => text('hello'), facts: () => ({ trouble: 'none' }), close: closed }
    }
    const code = runService('tested', make, { args: [], env })
    const at = (path: string) => fetch(`http://127.0.0.1:${metricsPort}${path}`)
    await until(async () => expect((await at('/readyz')).status).toBe(200))
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello')
    expect(await (await at('/readyz?verbose')).json()).toEqual({ ready: true, trouble: 'none' })
    expect(await (await at('/healthz')).json()).toEqual({ alive: true })
    expect((await at('/else')).status).toBe(404)
    const metrics = await (await at('/metrics')).text()
    expect(metrics).toContain('presses_total{button="a",service="tested"} 1')
    expect(metrics).toContain('level{service="tested"} 3')
    expect(metrics).toMatch(/homeslice_http_request_duration_seconds_count\{.*method="GET",status="200".*\} 1/u)
    process.emit(signal)
    expect(await code).toBe(0)
    expect(closed).toHaveBeenCalledOnce()
    await expect(at('/healthz')).rejects.toThrow('fetch failed')
  })

  it('listens where LISTEN_HOST says, and nowhere else', async () => {
    const { port, metricsPort, env } = await ports()
    const code = runService('tested', hello, { args: [], env: { ...env, LISTEN_HOST: '127.0.6.7' } })
    const at = (host: string, its: number) => fetch(`http://${host}:${its}/healthz`)
    await until(async () => expect((await at('127.0.6.7', metricsPort)).status).toBe(200))
    expect(await (await until(() => at('127.0.6.7', port))).text()).toBe('hello')
    await expect(at('127.0.0.1', port)).rejects.toThrow('fetch failed')
    await expect(at('127.0.0.1', metricsPort)).rejects.toThrow('fetch failed')
    process.emit('SIGTERM')
    expect(await code).toBe(0)
  })

  it('says that there is no such address to listen on', async () => {
    const { env } = await ports()
    expect(await runService('tested', hello, { args: [], env: { ...env, LISTEN_HOST: '192.0.2.1' } })).toBe(2)
    expect(complaint()).toMatch(/METRICS_PORT|port \d+ cannot be opened at LISTEN_HOST/u)
  })

  it('is not ready before it listens', async () => {
    const { metricsPort, env, port } = await ports()
    const code = runService('tested', hello, { args: [], env })
    const seen = await until(() => fetch(`http://127.0.0.1:${metricsPort}/readyz`))
    expect(await seen.json()).toEqual({ ready: seen.status === 200 })
    await until(() => fetch(`http://127.0.0.1:${port}/`))
    process.emit('SIGTERM')
    expect(await code).toBe(0)
  })

  it('heeds a signal that comes before it listens', async () => {
    const { env } = await ports()
    const make: MakeService = async () => {
      process.nextTick(() => process.emit('SIGTERM'))
      return { ok: true, handler: () => text('hello') }
    }
    expect(await runService('tested', make, { args: [], env })).toBe(0)
  })

  it('is no longer ready while it ends, and lives until its last work is done', async () => {
    const { port, metricsPort, env } = await ports()
    const work = Promise.withResolvers<void>()
    const make: MakeService = async () => ({ ok: true, handler: () => text('hello'), close: () => work.promise })
    const code = runService('tested', make, { args: [], env })
    const at = (path: string) => fetch(`http://127.0.0.1:${metricsPort}${path}`)
    await until(async () => expect((await at('/readyz')).status).toBe(200))
    process.emit('SIGTERM')
    await until(() => expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed'))
    const readiness = await at('/readyz')
    expect([readiness.status, await readiness.json()]).toEqual([503, { ready: false }])
    expect((await at('/healthz')).status).toBe(200)
    work.resolve()
    expect(await code).toBe(0)
  })

  it('answers 500 for metrics that cannot be collected', async () => {
    const { metricsPort, env } = await ports()
    const make: MakeService = async (_, { metrics }) => {
      vi.spyOn(metrics.registry, 'metrics').mockRejectedValue(new Error('on purpose'))
      return { ok: true, handler: () => text('hello') }
    }
    const code = runService('tested', make, { args: [], env })
    await until(async () => expect((await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).status).toBe(500))
    await until(async () => expect((await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).status).toBe(200))
    process.emit('SIGTERM')
    expect(await code).toBe(0)
  })
})

describe('a service that cannot start', () => {
  it.each([
    [
      'an unknown level',
      { LOG_LEVEL: 'loud' },
      2,
      /^tested: LOG_LEVEL is "loud"; it can be debug, info, warn or error\n$/u,
    ],
    ['a port that is none', { PORT: '80.5' }, 2, /PORT and METRICS_PORT must be ports/u],
    ['a second port that is none', { METRICS_PORT: '-1' }, 2, /PORT and METRICS_PORT must be ports/u],
  ])('for %s says so', async (_, env, code, says) => {
    expect(await runService('tested', hello, { args: [], env })).toBe(code)
    expect(complaint()).toMatch(says)
  })

  it('for settings of its own ends as it is told', async () => {
    const refusing: MakeService = async () => ({ ok: false, exit: 1, message: 'usage: tested FILE' })
    expect(await runService('tested', refusing, { args: [], env: { PORT: '', LOG_LEVEL: '' } })).toBe(1)
    expect(complaint()).toBe('tested: usage: tested FILE\n')
  })

  it.each(['PORT', 'METRICS_PORT'] as const)('for a taken %s names it, and leaves nothing open', async (name) => {
    const taken = await ports()
    const code = runService('tested', hello, { args: [], env: taken.env })
    await until(() => fetch(`http://127.0.0.1:${taken.port}/`))
    const mine = await ports()
    expect(await runService('tested', hello, { args: [], env: { ...mine.env, [name]: String(taken.port) } })).toBe(2)
    expect(complaint()).toBe(
      `tested: port ${taken.port} is taken by another program; stop it, or set ${name} to another\n`,
    )
    await expect(fetch(`http://127.0.0.1:${mine.metricsPort}/healthz`)).rejects.toThrow('fetch failed')
    process.emit('SIGTERM')
    expect(await code).toBe(0)
  })

  // Containers may let everybody open every port.
  const closed = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8')) - 1
  it.runIf(closed > 0)('for a port that only root may open names the setting', async () => {
    const { env } = await ports()
    const start = { args: [], env: { ...env, PORT: String(closed) } }
    expect(await withoutRights(() => runService('tested', hello, start))).toBe(2)
    expect(complaint()).toBe(`tested: port ${closed} may not be opened by this user; set PORT to one above 1023\n`)
  })
})

describe('levels of logging', () => {
  it.each([
    [undefined, 'info'],
    ['', 'info'],
    ['WARN', 'warn'],
    ['debug', 'debug'],
    ['fatal', undefined],
  ])('%s is %s', (word, level) => {
    expect(logLevel(word)).toBe(level)
  })
})

describe('metrics', () => {
  it('of two services stand side by side', async () => {
    createMetrics('one')
    expect(await createMetrics('two').registry.metrics()).toContain('service="two"')
  })
})
