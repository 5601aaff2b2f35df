import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { run } from '@stricli/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Findable, findableKasa, findableWemo } from '@homeslice/simulators'
import { temporaryFolder } from '@homeslice/testing'
import { createApp } from './app.ts'
import type { Context, Streams } from './context.ts'

let found: Findable[] = []
beforeAll(async () => {
  found = await Promise.all([
    findableKasa({ host: '127.0.13.1', name: 'Porch', mac: '50:c7:bf:00:00:13', model: 'HS100(US)' }),
    findableWemo({ host: '127.0.13.2', name: 'Reading lamp', mac: 'ec:1a:59:00:00:13', model: 'Socket' }),
  ])
})
afterAll(() => Promise.all(found.map((device) => device.stop())))

/** Runs `devices find` in a folder of its own, with this home file in it, in the network of this machine alone. */
const find = async (devices: string | undefined, ...words: readonly string[]) => {
  const cwd = await temporaryFolder()
  if (devices !== undefined) {
    const home = 'home: { name: casa, timezone: UTC, domain: casa.test }'
    const text = `version: 1\n${home}\ndevices:\n${devices}\nservices: { switches: { use: switches, devices: [porch] } }\n`
    writeFileSync(join(cwd, 'home.yaml'), text)
  }
  const printed = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof printed) => ({ write: (text: string) => void (printed[name] += text) })
  const streams: Streams = { stdout: stream('stdout'), stderr: stream('stderr') }
  const context: Context = {
    process: streams,
    stdin: process.stdin,
    env: {},
    cwd,
    checkout: undefined,
    signal: new AbortController().signal,
  }
  const args = ['devices', 'find', '--interface', 'lo', '--seconds', '2', ...words]
  await run(createApp('1.2.3'), args, context)
  return { ...printed, exit: Number(streams.exitCode ?? 0) }
}

describe('devices find', () => {
  it('says which device moved, which is new, and where it looked', async () => {
    const porch = '  porch: { kind: kasa, address: 127.0.13.9, mac: "50:C7:BF:00:00:13" }'
    const { stdout, stderr, exit } = await find(porch)
    expect([exit, stderr]).toEqual([1, ''])
    expect(stdout).toMatch(
      /^porch {2}moved {2}porch is at 127\.0\.13\.9 in the file and answers at 127\.0\.13\.1: change address$/mu,
    )
    expect(stdout).toContain(
      [
        'not in the file: wemo Socket "Reading lamp" at 127.0.13.2 (mac ec:1a:59:00:00:13)',
        '  reading-lamp: { kind: wemo, address: 127.0.13.2, mac: "ec:1a:59:00:00:13" }',
      ].join('\n'),
    )
    expect(stdout).toContain('looked in lo (127.0.0.1/8), for 2 s\n')
  })

  it('is content with a file that is right, and says so as JSON', async () => {
    const { stdout, exit } = await find('  porch: { kind: kasa, address: 127.0.13.1 }', '--json')
    expect(exit).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      devices: [{ device: 'porch', verdict: 'here', found: { mac: '50:c7:bf:00:00:13' } }],
      networks: [{ name: 'lo' }],
      blind: [],
    })
  })

  it('says what a search cannot reach, where something is gone', async () => {
    const { stdout, exit } = await find('  porch: { kind: kasa, address: 127.0.13.9 }')
    expect(exit).toBe(1)
    expect(stdout).toMatch(/^porch {2}gone {2}nothing answers at 127\.0\.13\.9/mu)
    expect(stdout).toMatch(/A search reaches only its own network: .*another VLAN/u)
  })

  it('looks before there is a home file, and says where it cannot', async () => {
    const { stdout, exit } = await find(undefined, '--interface', 'wlan9')
    expect(exit).toBe(0)
    expect(stdout).toContain('not in the file: kasa HS100(US) "Porch" at 127.0.13.1')
    expect(stdout).toMatch(/^could not look in wlan9: this machine has no such interface/mu)
  })

  it('says that it looked nowhere', async () => {
    const cwd = await temporaryFolder()
    const words: string[] = []
    const out = { write: (text: string) => void words.push(text) }
    const context = { process: { stdout: out, stderr: out }, stdin: process.stdin, env: {}, cwd, checkout: undefined }
    const signal = new AbortController().signal
    const args = ['devices', 'find', '--interface', 'wlan9', '--seconds', '0']
    await run(createApp('1.2.3'), args, { ...context, signal })
    expect(words.join('')).toMatch(/^looked nowhere: no network of this machine can be searched, for 0 s$/mu)
  })

  it('does not look for a home that cannot be read', async () => {
    const { stderr, exit } = await find('  porch: { kind: toaster, address: 127.0.13.1 }')
    expect([exit, stderr]).toEqual([2, expect.stringContaining('home.yaml:4:') as string])
  })
})
