import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spawnInPod } from '@homeslice/sandbox'
import { freePort, type House, root, run, type Running, start, startHouse } from '@homeslice/testing'
import * as contract from '@homeslice/testing/contract'

const services = Object.keys(contract.suite) as contract.Suited[]

let house: House
let proxy: Running
let devices = ''
const example = (name: string): Promise<string> => readFile(join(root, 'home', name), 'utf8')
const up = async (): Promise<string[]> => {
  const { code, stdout } = await house.homeslice('up', '--json')
  const { services: all, error } = JSON.parse(stdout) as {
    services?: { name: string; ready: boolean }[]
    error?: unknown
  }
  expect([code, error, all?.filter(({ ready }) => !ready)]).toEqual([0, undefined, []])
  return (all ?? []).map(({ name }) => name).toSorted()
}
/** Runs a scheduled job at once, to its end. */
const runNow = async (service: string, cronjob: string, name: string): Promise<string> => {
  const at = ['-n', `casa-prod-${service}`]
  await house.kubectl(...at, 'create', 'job', name, `--from=cronjob/${cronjob}`)
  await house.kubectl(...at, 'wait', `job/${name}`, '--for=condition=Complete', '--timeout=120s')
  return house.kubectl(...at, 'logs', `job/${name}`)
}

beforeAll(async () => {
  house = await startHouse()
  await house.write(await example('example.yaml'))
  const port = await freePort()
  proxy = start(house.kubectlPath, [`--kubeconfig=${house.kubeconfig}`, 'proxy', `--port=${port}`])
  await proxy.shows('Starting to serve')
  const namespace = 'casa-prod-device-{device}'
  devices = `http://127.0.0.1:${port}/api/v1/namespaces/${namespace}/services/device-{device}:8000/proxy`
})
afterAll(async () => {
  proxy.child.kill()
  await house.remove()
})

describe('the example home', () => {
  it('brings all nine services up', async () => {
    expect(await up()).toEqual([
      'backup-todoist',
      'backup-unifi',
      'buttons',
      'chime',
      'clocktime',
      'homebridge',
      'lmz',
      'sonos',
      'switches',
    ])
    expect((await house.homeslice('plan')).stdout).toMatch(/^nothing changes/u)
  })

  it('has the sounds that were put on its volume', async () => {
    const put = [
      "const fs = require('node:fs')",
      "fs.writeFileSync('gong.mp3', '0123456789')",
      "fs.writeFileSync('secret.txt', 'nobody hears this')",
      "fs.mkdirSync('folder.mp3')",
      "fs.symlinkSync('/etc/passwd', 'link.mp3')",
    ].join(';')
    const volume = await soundsFolder()
    const at = ['-n', 'casa-prod-chime', 'exec', 'deploy/chime', '--']
    await house.kubectl(...at, '/usr/bin/node', '-e', `process.chdir('${volume}');${put}`)
    expect(await house.request('GET', '/api/v0/chime/gong.mp3')).toEqual({ status: 200, body: '0123456789' })
  })

  it('keeps its contract through the gateway, but for what the gateway does itself', async () => {
    const env = { CONTRACT_BASE_URL: `http://127.0.0.1:${house.gateway}`, CONTRACT_DEVICE_URL: devices }
    const { code, stdout, stderr } = await run(process.execPath, ['packages/testing/src/contract/main.ts'], {
      cwd: root,
      env,
    })
    process.stdout.write(stdout)
    expect([code, stderr, stdout.match(/ through the gateway: \d+ of \d+ rows kept/gu)?.length]).toEqual([
      0,
      '',
      services.length,
    ])
  })

  it.each(services)('keeps the contract of %s through its Service', async (service) => {
    const at = ['-n', `casa-prod-${service}`]
    const address = await house.kubectl(...at, 'get', 'service', service, '-o', 'jsonpath={.spec.clusterIP}')
    const bridge = await bridgeTo(address, `${house.folder}/${service}.sock`)
    const target = { host: service, port: 80, socket: `${house.folder}/${service}.sock` }
    const { line, wrong } = await contract.runContract(
      service,
      { ...target, ...contract.controlled(devices) },
      { via: 'port' },
    )
    bridge.kill()
    process.stdout.write(`${line}\n`)
    expect(wrong).toEqual([])
  })

  it('backs an account and UniFi up, and says so when nothing has changed', async () => {
    expect(await runNow('backup-todoist', 'backup-todoist', 'first')).toContain('"msg":"pushed ')
    expect(await runNow('backup-todoist', 'backup-todoist', 'second')).toContain('nothing has changed')
    expect(await runNow('backup-unifi', 'backup-unifi', 'first')).toContain('"msg":"pushed ')
    expect(await runNow('backup-unifi', 'backup-unifi', 'second')).toContain('Nothing to do')
  })

  it('chimes, and leaves the speaker as it was', async () => {
    const at = devices.replaceAll('{device}', 'kitchen')
    const state = async () => ((await (await fetch(`${at}/state`)).json()) as { on: boolean; volume: number }).volume
    const before = await state()
    expect(await runNow('chime', 'chime-tea-time-kitchen', 'now')).toContain('"msg":"chimed"')
    expect(await state()).toBe(before)
  })

  it("shows its switches, curations, machine and buttons in Apple's Home", async () => {
    const { status, body } = await house.request('GET', '/api/v0/homebridge/')
    expect([status, body.split('\n')[0]]).toEqual([200, 'waiting to be paired, 6 accessories'])
  })
})

describe('the home of the original', () => {
  it('comes up whole, and answers', async () => {
    expect((await house.homeslice('destroy', '--yes')).code).toBe(0)
    await house.write(await example('original.yaml'))
    expect(await up()).toHaveLength(9)
    expect(await house.request('POST', '/api/v0/switches/torch/on/')).toEqual({ status: 200, body: 'OK' })
    expect((await house.request('GET', '/api/v0/lmz/STATUS')).body).toMatch(/^[01]$/u)
    expect((await house.request('POST', '/api/v0/sonos/curations/groove-salad/play')).body).toBe('1')
    expect((await house.request('GET', '/unifi')).status).toBe(301)
  })
})

/** Where the sounds lie in the pod of chime. */
const soundsFolder = (): Promise<string> => {
  const path = 'jsonpath={.spec.template.spec.containers[0].args[1]}'
  return house.kubectl('get', 'deploy', '-n', 'casa-prod-chime', 'chime', '-o', path)
}

/** The gateway's pod may reach every service: a bridge in its network leads from a socket on disk to one of them. */
const bridgeTo = async (address: string, socket: string) => {
  const namespace = 'homeslice-gateway'
  const pod = await house.kubectl('get', 'pods', '-n', namespace, '-o', 'jsonpath={.items[0].metadata.name}')
  const program = `require('node:net').createServer((one) => { const two = require('node:net').connect(80, '${address}'); one.pipe(two).pipe(one); one.on('error', () => two.destroy()); two.on('error', () => one.destroy()) }).listen('${socket}', () => console.log('up'))`
  const spawned = await spawnInPod({ name: 'default', folders: house.folders }, { namespace, pod }, [
    process.execPath,
    '-e',
    program,
  ])
  if (!spawned.ok) throw new Error(spawned.message)
  await new Promise((resolve) => spawned.child.stdout?.once('data', resolve))
  return spawned.child
}
