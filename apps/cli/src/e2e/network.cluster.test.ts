import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runInPod, spawnInPod } from '@homeslice/sandbox'
import { type Device, startDevice } from '@homeslice/sandbox/device'
import { type House, startHouse } from '@homeslice/testing'

type Case = readonly [from: string, what: string, url: () => string, open: boolean]

// Not 192.0.2.0/24: a machine may well be on that network itself.
const lanDevice = '198.51.100.20'
let house: House
let device: Device
let apiServer = ''
let node = ''

const podOf = async (namespace: string): Promise<string> =>
  (await house.kubectl('get', 'pods', '-n', namespace, '-o', 'jsonpath={.items[0].metadata.name}')).trim()
const addressOf = async (namespace: string): Promise<string> =>
  (await house.kubectl('get', 'pods', '-n', namespace, '-o', 'jsonpath={.items[0].status.podIP}')).trim()
/** Addresses, not names: curl runs in the pod's network, and would ask this machine's own DNS. */
const services = new Map<string, string>()
const serviceOf = (name: string): string => services.get(name) ?? ''

beforeAll(async () => {
  device = await startDevice({ address: lanDevice, port: 9999 })
  house = await startHouse()
  await house.write(`version: 1
home: { name: casa, timezone: UTC, domain: casa.test }
devices:
  porch: { kind: kasa, address: ${lanDevice} }
  lamp: { kind: wemo, address: 192.0.2.21, simulate: true }
services:
  lonely: { use: clocktime, routes: [] }
  clocktime: { use: clocktime }
  buttons: { use: buttons, needs: [clocktime] }
  switches: { use: switches, devices: [porch, lamp] }
  wide: { use: clocktime, routes: [], egress: ["${lanDevice}/32:9999"] }
  internet: { use: clocktime, routes: [], egress: internet }
`)
  const { code, stderr } = await house.homeslice('up')
  if (code !== 0) throw new Error(stderr)
  const list = await house.kubectl(
    'get',
    'services',
    '-A',
    '-o',
    'jsonpath={range .items[*]}{.metadata.name} {.spec.clusterIP}{"\\n"}{end}',
  )
  for (const line of list.trim().split('\n')) {
    const [name = '', address = ''] = line.split(' ')
    services.set(name, address)
  }
  apiServer = (await house.kubectl('get', 'service', 'kubernetes', '-o', 'jsonpath={.spec.clusterIP}')).trim()
  node = (await house.kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].status.addresses[0].address}')).trim()
})
afterAll(async () => {
  await device.remove()
  await house.remove()
})

describe('a pod reaches what it declares', () => {
  const closed = ['silent', 'refused']
  it.each<Case>([
    // who, what, where, whether it is open
    ['lonely', 'the switches', () => `http://${serviceOf('switches')}/`, false],
    ['lonely', 'another service', () => `http://${serviceOf('clocktime')}/`, false],
    ['lonely', 'the API server by its service', () => `https://${apiServer}/version`, false],
    ['lonely', 'the API server on the node', () => `https://${node}:6443/version`, false],
    ['lonely', 'the kubelet', () => `https://${node}:10250/healthz`, false],
    ['lonely', 'a device of the LAN', () => `http://${lanDevice}:9999/`, false],
    ['lonely', 'a simulated device', () => `http://${serviceOf('device-lamp')}:49153/setup.xml`, false],
    ['lonely', 'the gateway', () => `http://${serviceOf('traefik')}/`, false],
    ['buttons', 'the clock that it needs', () => `http://${serviceOf('clocktime')}/`, true],
    ['buttons', 'the switches that it does not need', () => `http://${serviceOf('switches')}/`, false],
    ['clocktime', 'the buttons that need it', () => `http://${serviceOf('buttons')}/`, false],
    ['switches', 'its device, by address', () => `http://${lanDevice}:9999/`, true],
    ['switches', 'its simulated device, by selector', () => `http://${serviceOf('device-lamp')}:49153/setup.xml`, true],
    ['switches', 'the control port of that device', () => `http://${serviceOf('device-lamp')}:8000/state`, false],
    ['switches', 'the API server', () => `https://${apiServer}/version`, false],
    ['wide', 'the address of its egress', () => `http://${lanDevice}:9999/`, true],
    ['internet', 'the LAN, though it has the internet', () => `http://${lanDevice}:9999/`, false],
    ['internet', 'the node', () => `https://${node}:6443/version`, false],
    ['internet', 'another service', () => `http://${serviceOf('clocktime')}/`, false],
  ])('%s: %s', async (from, _, url, open) => {
    const got = await house.reach(from, url())
    expect([url(), closed.includes(got) ? 'closed' : 'open', got]).toEqual([url(), open ? 'open' : 'closed', got])
  })

  it('and everything that was closed is there: the node itself reaches it', async () => {
    const pod = { namespace: 'casa-prod-clocktime', pod: await podOf('casa-prod-clocktime') }
    const own = await runInPod({ name: 'default', folders: house.folders }, pod, [
      'curl',
      '-s',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      'http://127.0.0.1:8000/',
    ])
    expect(own.ok && own.finished.stdout).toBe('200')
    expect((await fetch(device.url)).status).toBe(200)
  })

  it('by name too: a press is told with the time of the clock that it needs', async () => {
    await house.request('POST', '/api/v0/buttons/a/on/')
    expect((await house.request('GET', '/api/v0/buttontimes/a/')).body).toMatch(/^ON:\d{4}\n$/u)
  })

  it('not even by the address of a pod', async () => {
    expect(closed).toContain(await house.reach('lonely', `http://${await addressOf('casa-prod-switches')}:8000/`))
    expect(closed).toContain(
      await house.reach('lonely', `http://${await addressOf('casa-prod-switches')}:9000/metrics`),
    )
    expect(closed).toContain(
      await house.reach('buttons', `http://${await addressOf('casa-prod-clocktime')}:9000/metrics`),
    )
  })

  it('and a listener of its own opens no door', async () => {
    const pod = { namespace: 'casa-prod-lonely', pod: await podOf('casa-prod-lonely') }
    const server = "require('node:http').createServer((_, r) => r.end('x')).listen(7777, () => console.log('up'))"
    const spawned = await spawnInPod({ name: 'default', folders: house.folders }, pod, [process.execPath, '-e', server])
    if (!spawned.ok) throw new Error(spawned.message)
    await new Promise((resolve) => spawned.child.stdout?.once('data', resolve))
    expect(closed).toContain(await house.reach('buttons', `http://${await addressOf('casa-prod-lonely')}:7777/`))
    spawned.child.kill()
  })
})
