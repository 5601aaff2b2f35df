import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newInstallationKey, parseInstallationKey } from '@homeslice/devices'
import { bundled, freePort, type Program, run, startProgram, startWrongly } from '@homeslice/testing'
import * as contract from '@homeslice/testing/contract'
import { type SimulatedMachine, startMachine } from './simulated.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-lmz-'))
const rows = contract.lmzRows.map((row) => [row.name, row] as const)

describe('lmz as it ships', () => {
  let bundle = ''
  let env: Record<string, string> = {}
  let program: Program
  let control: SimulatedMachine
  let checked: contract.Checked
  beforeAll(async () => {
    control = await startMachine('127.0.7.11')
    bundle = await bundled('services/lmz/src/main.ts', folder)
    const key = await run(process.execPath, [bundle, 'new-key'])
    env = {
      INSTALLATION_KEY_PATH: join(folder, 'key.json'),
      CREDS_PATH: join(folder, 'creds.txt'),
      LMZ_BASE_URL: control.base,
      LOG_LEVEL: 'INFO',
    }
    writeFileSync(join(folder, 'key.json'), key.stdout)
    writeFileSync(
      join(folder, 'creds.txt'),
      `${control.account.user}\n${control.account.password}\n${control.serial}\n`,
    )
    program = await startProgram(bundle, ['serve'], env)
    await program.shows('"msg":"signed in"')
    checked = await contract.checkRows({ host: '127.0.0.1', port: program.port, ...control }, contract.lmzRows)
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

  it('registers its key once, and signs in once for them all', () => {
    const doors = control.simulator.seen().filter((call) => call.includes('/auth/'))
    expect(doors).toEqual(['POST /auth/signin 401', 'POST /auth/init 201', 'POST /auth/signin 200'])
  })

  it('stays ready behind a cloud that is not there, and says what is the matter', async () => {
    await control.device({ device: 'machine', fault: 'refuse' })
    await fetch(`http://127.0.0.1:${program.port}/api/v0/lmz/ON`)
    const ready = await fetch(`http://127.0.0.1:${program.metricsPort}/readyz`)
    const reason = "La Marzocco's cloud refuses connections at 127.0.7.11:8080"
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, devices: 1, trouble: { machine: reason } }])
    const metrics = await (await fetch(`http://127.0.0.1:${program.metricsPort}/metrics`)).text()
    expect(metrics).toMatch(/homeslice_device_answers\{device="machine",service="lmz"\} 0/u)
    expect(metrics).toMatch(/commands_total\{device="machine",operation="on",result="silent",service="lmz"\} 1/u)
    await control.device({ device: 'machine', fault: 'none' })
    await fetch(`http://127.0.0.1:${program.port}/api/v0/lmz/ON`)
    const better = await fetch(`http://127.0.0.1:${program.metricsPort}/readyz`)
    expect(await better.json()).toEqual({ ready: true, devices: 1, trouble: {} })
  })

  it('stops within 5 s though a cloud that says nothing is asked, and starts while it says nothing', async () => {
    await control.device({ device: 'machine', fault: 'silent' })
    const other = await startProgram(bundle, [], env)
    const answer = await fetch(`http://127.0.0.1:${other.port}/STATUS`)
    expect([answer.status, await answer.text()]).toEqual([504, ''])
    expect(answer.headers.get('x-homeslice-reason')).toMatch(/press again in a moment|did not answer in time/u)
    const before = performance.now()
    other.child.kill('SIGTERM')
    expect((await other.ended).code).toBe(0)
    expect(performance.now() - before).toBeLessThan(5000)
    await control.device({ device: 'machine', fault: 'none' })
  })

  it('speaks TLS, and only to a cloud whose certificate it knows', async () => {
    const [key, cert, port] = [join(folder, 'tls.key'), join(folder, 'tls.crt'), await freePort()]
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    const args = ['req', '-x509', ...ec, '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=cloud']
    execFileSync('openssl', [...args, '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' })
    const front = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (asked, answer) => {
      const { method, url, headers } = asked
      const onward = request({ host: '127.0.7.11', port: 8080, method, path: url, headers, agent: false }, (reply) => {
        answer.writeHead(reply.statusCode ?? 500, reply.headers)
        reply.pipe(answer)
      })
      asked.pipe(onward)
    }).listen(port)
    const behindTls = { ...env, LMZ_BASE_URL: `https://localhost:${port}/api/customer-app` }
    const trusting = await startProgram(bundle, [], { ...behindTls, NODE_EXTRA_CA_CERTS: cert })
    await trusting.shows('"msg":"signed in"')
    expect((await fetch(`http://127.0.0.1:${trusting.port}/ON`)).status).toBe(204)
    const strict = await startProgram(bundle, [], behindTls)
    const refused = await fetch(`http://127.0.0.1:${strict.port}/ON`)
    expect([refused.status, refused.headers.get('x-homeslice-reason')]).toEqual([
      502,
      expect.stringMatching(/self.signed certificate/u) as string,
    ])
    for (const { child, ended } of [trusting, strict]) {
      child.kill('SIGTERM')
      expect((await ended).code).toBe(0)
    }
    front.close()
  })

  it('prints keys that it can read', async () => {
    const [one, two] = [await run(process.execPath, [bundle, 'new-key']), newInstallationKey()]
    expect([parseInstallationKey(one.stdout).ok, parseInstallationKey(two).ok, one.stdout === two]).toEqual([
      true,
      true,
      false,
    ])
  })

  it.each(contract.lmzStarts.map((row) => [row.name, row] as const))('does not start %s', async (_, row) => {
    const { code, stderr } = await startWrongly(bundle, row)
    expect({ code, stderr }).toEqual({ code: row.exit, stderr: expect.stringMatching(row.says) as string })
  })
})
