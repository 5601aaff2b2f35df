import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readLock } from '@homeslice/images'
import { type House, root, startHouse } from '@homeslice/testing'

let house: House
let image = ''

const home = (service: string): string => `version: 1
home: { name: casa, timezone: UTC, domain: casa.test }
services:
  clock: ${service}
`
const good = (): string =>
  `{ image: "${image}", port: 8000, env: { LOCATION: UTC }, routes: [{ who: home, paths: [/clock/] }], probes: { readiness: { http: / } } }`

beforeAll(async () => {
  const read = await readLock(root)
  if (!read.ok) throw new Error(read.message)
  image = `homeslice.local/clocktime:${read.lock.ours.clocktime?.tag}`
  house = await startHouse()
  // The example brings the images of ours into the sandbox; then a service is made of one by its name.
  await house.write(home('{ use: clocktime, routes: [] }'))
  expect((await house.homeslice('up')).code).toBe(0)
  await house.write(home(good()))
  // It gets its first route, which is for the home to allow.
  const { code, stderr } = await house.homeslice('up', '--allow', 'exposure:clock')
  expect([code, stderr]).toEqual([0, expect.any(String) as string])
})
afterAll(() => house.remove())

describe('a version that cannot become ready', () => {
  it.each([
    [
      'a missing image',
      (text: string) => text.replace(/image: "[^"]*"/u, 'image: "registry.test/none:1"'),
      /clock is not ready: ImagePull: no such image registry\.test\/none:1/u,
    ],
    [
      'a failing probe',
      (text: string) => text.replace('{ http: / }', '{ http: /, port: 9000 }'),
      /clock is not ready: Probe: readiness: answered 404/u,
    ],
    [
      'a crash',
      (text: string) => text.replace('LOCATION: UTC', 'LOCATION: Nowhere/Land'),
      /clock is not ready: Crash: ended with 2/u,
    ],
    [
      'no memory',
      (text: string) => text.replace('port: 8000', 'port: 8000, resources: { memory: 16Mi }'),
      /clock is not ready: (OOM: over its limit of 16Mi|Crash: ended with 137)/u,
    ],
    [
      'no room on the node',
      (text: string) => text.replace('port: 8000', 'port: 8000, resources: { memory: 4Ti }'),
      /clock is not ready: Schedule: no node has room for it: .*[Ii]nsufficient memory/u,
    ],
  ])('%s ends within its deadline with the reason, and the old one serves on', async (_, spoil, reason) => {
    await house.write(home(spoil(good())))
    const started = performance.now()
    const { code, stderr } = await house.homeslice('up', '--deadline', '20')
    expect([code, stderr]).toEqual([1, expect.stringMatching(reason) as string])
    expect(performance.now() - started).toBeLessThan(40_000)
    expect((await house.request('GET', '/clock/')).body).toMatch(/^\d{4}$/u)
    await house.write(home(good()))
    expect((await house.homeslice('up')).code).toBe(0)
  })

  it('a secret that is not set is named before anything is changed', async () => {
    await house.write(home(good().replace('LOCATION: UTC', 'LOCATION: { secret: place }')))
    const { code, stderr } = await house.homeslice('up')
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/the secret place is used and not set\n.*homeslice secrets set place/u) as string,
    ])
    expect((await house.request('GET', '/clock/')).status).toBe(200)
  })

  it('with data goes back to the version before', async () => {
    const withData = good().replace('port: 8000', 'port: 8000, data: { /data: 16Mi }')
    await house.write(home(withData))
    expect((await house.homeslice('up')).code).toBe(0)
    await house.write(home(withData.replace('LOCATION: UTC', 'LOCATION: Nowhere/Land')))
    const { code, stderr } = await house.homeslice('up', '--deadline', '15')
    expect([code, stderr]).toEqual([1, expect.stringContaining('Crash: ended with 2') as string])
    await expect.poll(async () => (await house.request('GET', '/clock/')).status, { timeout: 60_000 }).toBe(200)
  })
})

describe('secrets', () => {
  it('come to their service as they are, and their values show nowhere', async () => {
    const canary = `canary-${Math.random().toString(36).slice(2)}`
    const { run } = await import('@homeslice/testing')
    const env = { HOMESLICE_IDENTITY: `${house.folder}/identity.txt` }
    const set = await run(`${root}/homeslice`, ['secrets', 'set', 'token', '--file', `${house.folder}/home.yaml`], {
      env,
      input: `${canary}\n`,
    })
    expect([set.code, set.stdout]).toEqual([0, expect.stringContaining('token has version 1') as string])
    await house.write(
      home(
        good()
          .replace('LOCATION: UTC', 'LOCATION: UTC, TOKEN: { secret: token }')
          .replace('port: 8000', 'port: 8000, files: { /etc/token: { secret: token } }'),
      ),
    )
    const up = await house.homeslice('up', '--allow', 'data-loss:clock', '--log', `${house.folder}/log`)
    expect(up.code).toBe(0)
    const data = await house.kubectl('get', 'secrets', '-n', 'casa-prod-clock', '-o', 'jsonpath={.items[*].data.value}')
    expect(Buffer.from(data, 'base64').toString()).toBe(canary)
    const shown = [
      up,
      await house.homeslice('render'),
      await house.homeslice('plan', '--json'),
      await house.homeslice('status', '--json'),
      await house.homeslice('secrets', 'list'),
    ]
    const { readFileSync } = await import('node:fs')
    const files = ['home.yaml', 'secrets.yaml', 'log'].map((name) => readFileSync(`${house.folder}/${name}`, 'utf8'))
    expect(
      [...shown.flatMap(({ stdout, stderr }) => [stdout, stderr]), ...files].filter((text) => text.includes(canary)),
    ).toEqual([])
    expect((await house.homeslice('secrets', 'get', 'token')).stdout).toBe(`${canary}\n`)
    expect((await house.homeslice('up')).stdout).toContain('nothing changed')
  })
})
