import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createLog } from '@homeslice/service-kit'
import { freePort } from '@homeslice/testing'
import * as contract from '@homeslice/testing/contract'
import { serveSounds } from './serve-sounds.ts'
import { rangeOf, soundNameIn } from './sounds.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-sounds-'))
const none = { device: () => Promise.resolve(), stateOf: () => Promise.resolve(false) }
const stopping = new AbortController()
let served: Promise<void>
let port = 0
let metricsPort = 0

beforeAll(async () => {
  const sounds = join(folder, 'sounds')
  mkdirSync(join(sounds, 'folder.mp3'), { recursive: true })
  writeFileSync(join(sounds, 'gong.mp3'), '0123456789')
  writeFileSync(join(sounds, 'empty.mp3'), '')
  writeFileSync(join(sounds, 'long.mp3'), Buffer.alloc(32 * 1024 * 1024))
  writeFileSync(join(sounds, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'outside.mp3'), 'secret')
  symlinkSync(join(folder, 'outside.mp3'), join(sounds, 'link.mp3'))
  const log = createLog('chime', 'error')
  log.level = 'silent'
  port = await freePort()
  metricsPort = await freePort()
  served = serveSounds(sounds, { port, metricsPort }, { stop: stopping.signal, log })
  await vi.waitFor(() => fetch(`http://127.0.0.1:${port}/gong.mp3`), { timeout: 10_000 })
})
afterAll(async () => {
  stopping.abort()
  await served
  rmSync(folder, { recursive: true })
})

describe('sounds', () => {
  it.each(contract.chimeRows.map((row) => [row.name, row] as const))('%s', async (_, row) => {
    expect(await contract.checkRow({ host: '127.0.0.1', port, ...none }, row)).toEqual([])
  })

  it('without length are served too', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/empty.mp3`)
    expect([answer.status, await answer.text()]).toEqual([200, ''])
  })

  it('survive one who hangs up in the middle', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write('GET /long.mp3 HTTP/1.1\r\nHost: h\r\n\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    socket.resetAndDestroy()
    expect((await fetch(`http://127.0.0.1:${port}/gong.mp3`)).status).toBe(200)
  })

  it('are counted', async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    expect(metrics).toMatch(/homeslice_sounds_requests_total\{status="206",service="chime"\} \d/u)
    expect(await (await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).json()).toMatchObject({ ready: true })
  })

  it('cannot be served on a port that is taken', async () => {
    const log = createLog('chime', 'error')
    const ports = { port, metricsPort: await freePort() }
    await expect(serveSounds(folder, ports, { stop: AbortSignal.abort(), log })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })
})

describe('ranges and names', () => {
  test.prop([fc.string({ unit: 'binary' }), fc.nat()])('of any text end in an answer within the file', (text, size) => {
    for (const header of [text, `bytes=${text}`, `bytes=${text}-`, `bytes=-${text}`]) {
      const range = rangeOf(header, size)
      if (typeof range === 'object')
        expect(0 <= range.first && range.first <= range.last && range.last < size).toBe(true)
    }
  })
  test.prop([fc.option(fc.nat(40)), fc.option(fc.nat(40)), fc.nat(30)])('are what they say', (from, to, size) => {
    const range = rangeOf(`bytes=${from ?? ''}-${to ?? ''}`, size)
    const all = Array.from({ length: size }, (_, index) => index)
    if (typeof range === 'string') return
    const wanted = from === null ? all.slice(-(to ?? 0)) : all.slice(from, to === null ? undefined : to + 1)
    expect(all.slice(range.first, range.last + 1)).toEqual(wanted)
  })
  test.prop([fc.string({ unit: 'binary' })])('of any path are one name or none', (text) => {
    for (const path of [text, `/${text}`, `/${encodeURIComponent(text)}.mp3`, `/api/v0/chime/${text}.mp3`])
      expect(soundNameIn(path) ?? 'a.mp3').toMatch(/^[^/\\\0]+\.mp3$/isu)
  })
})
