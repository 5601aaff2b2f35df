import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '@homeslice/testing'
import { serveControl, serveHealth } from './control.ts'
import type { Simulator } from './fault.ts'
import { startKasa } from './kasa.ts'

let simulator: Simulator
let port = 0
beforeAll(async () => {
  simulator = await startKasa({ name: 'porch', host: '127.0.9.4' })
  port = await serveControl(simulator, 0)
})
afterAll(() => simulator.stop())

const call = async (method: string, path: string, body?: string) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body === undefined ? {} : { body }) })
  return [response.status, await response.json()]
}

describe('the side door', () => {
  it('tells what the device is, and changes it', async () => {
    expect(await call('PUT', '/state', '{"on":true}')).toMatchObject([200, { on: true }])
    expect(await call('PUT', '/fault', '{"kind":"slow"}')).toMatchObject([200, { fault: 'slow' }])
    expect(await call('GET', '/state')).toMatchObject([200, { kind: 'kasa', name: 'porch', on: true, fault: 'slow' }])
    expect(await call('PUT', '/fault', '{"kind":"none"}')).toMatchObject([200, { fault: 'none' }])
  })

  it.each([
    ['a fault that is none', '/fault', '{"kind":"explode"}'],
    ['a state that is none', '/state', '{"on":"yes"}'],
    ['a state at the door for faults', '/fault', '{"on":false}'],
    ['a number', '/state', '7'],
    ['null', '/state', 'null'],
    ['another path', '/other', '{"on":false}'],
  ])('refuses %s, with what can be asked', async (_, path, body) => {
    expect(await call('PUT', path, body)).toEqual([400, { error: expect.stringContaining('one of none, ') as string }])
    expect(simulator.state()).toMatchObject({ on: true, fault: 'none' })
  })

  it.each([
    ['half a body', 'PUT', '/state', 400],
    ['another path', 'GET', '/other', 404],
    ['another method', 'POST', '/state', 404],
  ])('answers %s with an error', async (_, method, path, status) => {
    expect(await call(method, path, method === 'GET' ? undefined : '{"on":')).toEqual([
      status,
      { error: expect.any(String) as string },
    ])
  })

  it('survives one who breaks off in the middle of a body', async () => {
    const broken = request({
      host: '127.0.0.1',
      port,
      method: 'PUT',
      path: '/state',
      headers: { 'Content-Length': 99 },
    })
    const closed = new Promise((resolve) => broken.on('error', () => undefined).on('close', resolve))
    broken.write('{"on":', () => broken.destroy())
    await closed
    expect((await call('GET', '/state'))[0]).toBe(200)
  })

  it('says when its port is taken', async () => {
    await expect(serveControl(simulator, port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await expect(serveHealth(port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('the health of a simulator', () => {
  it('is good whatever fault it plays', async () => {
    const health = await serveHealth(0)
    await simulator.setFault('refuse')
    const at = (path: string) => fetch(`http://127.0.0.1:${health}${path}`)
    for (const path of ['/healthz', '/readyz']) {
      const answer = await at(path)
      expect([answer.status, await answer.json()]).toEqual([200, { ready: true }])
    }
    expect((await at('/')).status).toBe(404)
    await simulator.setFault('none')
  })
})

describe('the program', () => {
  it.each([
    ['nothing', []],
    ['no name', ['kasa']],
    ['an unknown kind', ['toaster', 'x']],
    ['a kind that every object has', ['constructor', 'x']],
  ])('started with %s says how it is used', async (_, words) => {
    const ended = await run(process.execPath, [join(import.meta.dirname, 'main.ts'), ...words])
    expect([ended.code, ended.stderr]).toEqual([
      1,
      expect.stringMatching(/^usage: simulators KIND NAME \[CHILD\]\n  KIND  .*kasa or .*wemo/u) as string,
    ])
  })
})
