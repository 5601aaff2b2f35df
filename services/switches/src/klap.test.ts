import { beforeAll, describe, expect, it } from 'vitest'
import { createLog, createMetrics, serve } from '@homeslice/service-kit'
import type { Klap } from '@homeslice/simulators'
import { freePort } from '@homeslice/testing'
import * as contract from '@homeslice/testing/contract'
import { createSwitches } from './app.ts'
import { devicesOf } from './device.ts'
import { startDevices } from './simulated.testing.ts'

/** This is about what is answered; that it is in time is held where there is less to do at once. */
const rows = contract.switchesRows
  .filter((row) => JSON.stringify(row).includes('porch'))
  .map((row) => ({ ...row, withinMilliseconds: 6000 }))

/** Every kind of device that a porch can be, on an address of its own. */
const porches: readonly (readonly [string, string, { readonly klap?: Klap; readonly children?: readonly string[] }])[] =
  [
    ['an outlet of a strip', '127.0.7.21', { children: ['porch'] }],
    ['KLAP 1', '127.0.7.22', { klap: { version: 1 } }],
    ['KLAP 2', '127.0.7.23', { klap: { version: 2 } }],
    ['KLAP 2 with a login for each request', '127.0.7.24', { klap: { version: 2, requestsPerSession: 1 } }],
    [
      'KLAP of Tapo, an outlet of a strip',
      '127.0.7.25',
      { klap: { version: 2, speech: 'smart' }, children: ['porch'] },
    ],
  ]

type Kept = { readonly checked: number; readonly wrong: readonly (readonly [string, readonly string[]])[] }

const keptBy = async ([, address, options]: (typeof porches)[number]): Promise<Kept> => {
  const klapPort = await freePort()
  const port = options.klap === undefined ? {} : { port: klapPort }
  const control = await startDevices({ porch: address, lamp: address }, { ...options, ...port })
  const config = { id: 'porch', kind: 'kasa/v1', name: 'porch', address, klapPort } as const
  const handler = createSwitches({
    switches: devicesOf([options.children === undefined ? config : { ...config, child: 'porch' }]),
    alwaysOk: false,
    onResult: () => undefined,
  })
  const around = { log: createLog('switches', 'error'), metrics: createMetrics('switches') }
  const server = await serve(handler, 0, around)
  const checked = await contract.checkRows({ host: '127.0.0.1', port: server.port, ...control }, rows)
  await server.stop()
  await control.stop()
  return { checked: checked.size, wrong: [...checked].filter(([, wrong]) => wrong.length > 0) }
}

describe('switches whose porch speaks as', () => {
  let kept: ReadonlyMap<string, Kept>
  beforeAll(async () => {
    // Side by side, since most of the time is waiting.
    kept = new Map(await Promise.all(porches.map(async (porch) => [porch[0], await keptBy(porch)] as const)))
  }, 120_000)

  it.each(porches)('%s keep every row of the contract', (name) => {
    expect(kept.get(name)).toEqual({ checked: rows.length, wrong: [] })
  })
})
