import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { kubeconfigPath } from '@homeslice/sandbox'
import {
  type Front,
  homeslice,
  type House,
  type Peer,
  root,
  startFront,
  startHouse,
  startPeer,
} from '@homeslice/testing'

/** The sandbox as a cluster of the user's own: named by its context, with a registry that wants a login. */
let house: House
let peer: Peer
let front: Front
let outside: Server
let inside: ChildProcess
let before: string
const lockOf = (checkout: string): Promise<string> => readFile(join(checkout, 'images.lock.json'), 'utf8')
const login = Buffer.from('casa:sesame').toString('base64')

beforeAll(async () => {
  before = await lockOf(root)
  // A push locks digests, and those of a registry of a test are nobody else's.
  house = await startHouse({ ownCheckout: true })
  peer = await startPeer()
  front = await startFront({
    port: peer.port,
    own: ({ authorization }) =>
      authorization === `Basic ${login}` ? undefined : { status: 401, headers: { 'www-authenticate': 'Basic' } },
  })
  await bridge(Number(front.address.replace(/^.*:/u, '')))
  const logins = JSON.stringify({ auths: { [front.address]: { auth: login } } })
  await mkdir(join(house.folder, 'docker'))
  await writeFile(join(house.folder, 'docker/config.json'), logins)
  vi.stubEnv('KUBECONFIG', kubeconfigPath({ name: 'default', folders: house.folders }))
  vi.stubEnv('DOCKER_CONFIG', join(house.folder, 'docker'))
  const env = { HOMESLICE_IDENTITY: join(house.folder, 'identity.txt') }
  const file = await house.write(home(''))
  await homeslice(['secrets', 'set', 'login', '--file', file], { env, input: logins })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  inside?.kill()
  outside?.close()
  await front?.stop()
  await peer?.stop()
  await house?.remove()
})

/** The sandbox has a loopback of its own: a socket on disk leads from a port there to the same port here. */
const bridge = async (port: number): Promise<void> => {
  const socket = join(house.folder, 'registry.sock')
  outside = createServer((one) => {
    const two = connect(port, '127.0.0.1')
    one.pipe(two).pipe(one)
    one.on('error', () => two.destroy())
    two.on('error', () => one.destroy())
  }).listen(socket)
  const record = await readFile(join(house.folders.state, 'sandbox/default/running.json'), 'utf8')
  const { inner } = JSON.parse(record) as { inner: { pid: number } }
  const program = `require('node:net').createServer((one) => { const two = require('node:net').connect('${socket}'); one.pipe(two).pipe(one); one.on('error', () => two.destroy()); two.on('error', () => one.destroy()) }).listen(${port}, '127.0.0.1', () => console.log('up'))`
  inside = spawn('nsenter', ['-t', String(inner.pid), '-n', '--', process.execPath, '-e', program], { stdio: 'pipe' })
  await new Promise((resolve) => inside.stdout?.once('data', resolve))
}

const home = (registry: string): string => `version: 1
home: { name: casa, timezone: UTC, domain: casa.test }
cluster: { context: homeslice-default, gateway: { namespace: homeslice-gateway, name: homeslice }, lan: [127.0.0.0/8]${registry} }
services: { clocktime: { use: clocktime } }
`
const withRegistry = () => home(`, registry: "${front.address}/home", pullSecret: login`)
const field = (path: string): Promise<string> =>
  house.kubectl(
    'get',
    'deployment',
    'clocktime',
    '-n',
    'casa-prod-clocktime',
    '-o',
    `jsonpath={.spec.template.spec.${path}}`,
  )

describe('a home on a cluster of its own', () => {
  it('is refused without a registry, before anything is written', async () => {
    await house.write(home(''))
    const { code, stderr } = await house.homeslice('up')
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/cluster\.registry names no place that homeslice-default can pull/u),
    ])
    expect(await house.kubectl('get', 'namespaces', '-o', 'name')).not.toContain('casa-prod')
  })

  it('changes nothing in the cluster when the push fails', async () => {
    await house.write(withRegistry())
    vi.stubEnv('DOCKER_CONFIG', house.folder)
    const { code, stderr } = await house.homeslice('up')
    vi.stubEnv('DOCKER_CONFIG', join(house.folder, 'docker'))
    expect([code, stderr]).toEqual([1, expect.stringMatching(/wants a login, and .*config\.json has none \(401\)/u)])
    expect(await house.kubectl('get', 'namespaces', '-o', 'name')).not.toContain('casa-prod')
  })

  it('says that its nodes may not pull, where they have no login', async () => {
    await house.write(home(`, registry: "${front.address}/home"`))
    const { code, stderr } = await house.homeslice('up', '--deadline', '15')
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/ImagePull: the node may not pull 127\.0\.0\.1:\d+\/home\/clocktime/u),
    ])
    // Of the service and of the keeper, for two architectures each, and what leads to both.
    expect(front.log.filter((line) => /^PUT .*\/manifests\//u.test(line))).toHaveLength(6)
  })

  it('has its nodes pull its images by digest, with the login of the vault', async () => {
    await house.write(withRegistry())
    const { code, stdout, stderr } = await house.homeslice('up')
    expect([code, stdout, stderr]).toEqual([0, expect.stringContaining('ready'), expect.any(String)])
    const image = await field('containers[0].image')
    expect(image).toMatch(/^127\.0\.0\.1:\d+\/home\/clocktime@sha256:[0-9a-f]{64}$/u)
    expect(await field('imagePullSecrets[0].name')).toMatch(/^login-v1-[0-9a-f]{6}$/u)
    expect(front.log.some((line) => /^GET .*\/blobs\/sha256/u.test(line))).toBe(true)
  })

  it('locks what was pushed, and not in the checkout that is tested', async () => {
    expect(await lockOf(join(house.folder, 'checkout'))).toMatch(
      /"clocktime": \{\s*"tag": "\w+",\s*"digest": "sha256:/u,
    )
    expect(await lockOf(root)).toBe(before)
  })

  it('is left alone by a second up, which sends nothing', async () => {
    front.log.length = 0
    const { code, stdout } = await house.homeslice('up')
    expect([code, stdout]).toEqual([0, expect.stringContaining('nothing changed')])
    expect(front.log.filter((line) => /^(POST|PUT)/u.test(line))).toEqual([])
    expect((await house.homeslice('plan')).stdout).not.toContain('clocktime')
  })
})
