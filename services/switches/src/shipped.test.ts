import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startKasa } from '@homeslice/simulators'
import { bundled, freePort, type Program, startProgram, startWrongly } from '@homeslice/testing'
import * as contract from '@homeslice/testing/contract'
import { type SimulatedDevices, startDevices } from './simulated.testing.ts'

const addresses = { porch: '127.0.7.3', lamp: '127.0.7.4' } as const
const folder = mkdtempSync(join(tmpdir(), 'homeslice-switches-'))
const rows = contract.switchesRows.map((row) => [row.name, row] as const)

describe('switches as they ship', () => {
  let bundle = ''
  let program: Program
  let control: SimulatedDevices
  let checked: contract.Checked
  beforeAll(async () => {
    control = await startDevices(addresses)
    bundle = await bundled('services/switches/src/main.ts', folder)
    const config = join(folder, 'switches.json')
    writeFileSync(
      config,
      `[{"ID":"porch","Kind":"kasa/v1","name":"porch","address":"${addresses.porch}","port":1234,"colour":"red"},
        {"id":"lamp","kind":"wemo/v1","name":"old","address":"192.0.2.9"},
        {"id":"lamp","kind":"wemo/v1","name":"lamp","address":"${addresses.lamp}"}] and more text`,
    )
    program = await startProgram(bundle, [config], {})
    checked = await contract.checkRows({ host: '127.0.0.1', port: program.port, ...control }, contract.switchesRows)
  }, 60_000)
  afterAll(async () => {
    program.child.kill('SIGTERM')
    expect((await program.ended).code).toBe(0)
    await control.stop()
    rmSync(folder, { recursive: true })
  })

  it.each(rows)('%s', (name) => {
    expect(checked.get(name)).toEqual([])
  })

  it('stays ready with a dead device, and says which', async () => {
    await control.device({ device: 'porch', fault: 'refuse' })
    await fetch(`http://127.0.0.1:${program.port}/api/v0/switches/porch/on/`, { method: 'POST' })
    const ready = await fetch(`http://127.0.0.1:${program.metricsPort}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { ready: true, devices: 2, trouble: { porch: expect.stringContaining('Third-Party') as string } },
    ])
    const metrics = await (await fetch(`http://127.0.0.1:${program.metricsPort}/metrics`)).text()
    expect(metrics).toMatch(/homeslice_device_answers\{device="porch",service="switches"\} 0/u)
    await control.device({ device: 'porch', fault: 'none' })
  })

  it('logs in to a device with the account of a file, and with the one that stands there later', async () => {
    const [account, config, klapPort] = [join(folder, 'account'), join(folder, 'klap.json'), await freePort()]
    const mine = { user: 'me@casa.test', password: 'a secret of mine' }
    const klap = { version: 2, account: mine } as const
    const plug = await startKasa({ name: 'plug', host: '127.0.7.5', port: klapPort, klap })
    writeFileSync(account, 'me@casa.test\nan old secret\n')
    writeFileSync(
      config,
      JSON.stringify([{ id: 'plug', kind: 'kasa/v1', name: 'Plug', address: '127.0.7.5', klapPort, account }]),
    )
    const other = await startProgram(bundle, [config], {})
    const turnOn = () => fetch(`http://127.0.0.1:${other.port}/api/v0/switches/plug/on/`, { method: 'POST' })
    const wrong = await turnOn()
    expect([wrong.status, await wrong.text(), wrong.headers.get('x-homeslice-reason')]).toEqual([
      502,
      '',
      expect.stringMatching(/^Plug does not take its "account": set the e-mail address and password/u) as string,
    ])
    const metrics = await (await fetch(`http://127.0.0.1:${other.metricsPort}/metrics`)).text()
    expect(metrics).toMatch(/homeslice_device_trouble\{device="plug",trouble="account",service="switches"\} 1/u)
    writeFileSync(account, 'me@casa.test\na secret of mine\n')
    expect([(await turnOn()).status, plug.state().on]).toEqual([200, true])
    other.child.kill('SIGTERM')
    expect(await other.ended).toMatchObject({ code: 0, stdout: expect.not.stringContaining('secret') as string })
    await plug.stop()
  })

  it('do not start with an account that is not there', async () => {
    const config = join(folder, 'no-account.json')
    writeFileSync(config, '[{"id":"a","kind":"kasa/v1","address":"192.0.2.1","account":"/nowhere/account"}]')
    const says = /switch "a": the account file \/nowhere\/account cannot be read/u
    const { code, stderr } = await startWrongly(bundle, { name: '', args: [config], env: {}, exit: 2, says })
    expect([code, stderr]).toEqual([2, expect.stringMatching(says) as string])
  })

  it.each(contract.switchesStarts.map((row) => [row.name, row] as const))('do not start %s', async (_, row) => {
    const { code, stderr } = await startWrongly(bundle, row)
    expect({ code, stderr }).toEqual({ code: row.exit, stderr: expect.stringMatching(row.says) as string })
  })
})
