import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readLock } from '@homeslice/images'
import { homeslice, type House, root, startHouse } from '@homeslice/testing'

const rolledBack = z.strictObject({
  environment: z.literal('prod'),
  service: z.literal('clock'),
  from: z.number(),
  to: z.number(),
  version: z.number(),
  created: z.number(),
  updated: z.number(),
  deleted: z.number(),
  ready: z.boolean(),
  seconds: z.number(),
})
const listing = z.strictObject({
  environment: z.literal('prod'),
  versions: z.array(
    z.strictObject({
      service: z.string(),
      number: z.int(),
      time: z.iso.datetime(),
      who: z.string().includes('@'),
      verdict: z.string(),
      image: z.string(),
      changed: z.string(),
      rolledBackTo: z.int().optional(),
    }),
  ),
})

let house: House
let images: { readonly tagged: string; readonly digested: string }

const home = (clock: string): string => `version: 1
home: { name: casa, timezone: UTC, domain: casa.test }
services:
  clock: ${clock}
`
type Version = { readonly image: string; readonly location: string; readonly replicas: number; readonly path: string }
const clock = ({ image, location, replicas, path }: Version): string =>
  home(
    `{ image: "${image}", port: 8000, replicas: ${replicas}, env: { LOCATION: ${location}, TOKEN: { secret: token } }, routes: [{ who: home, paths: [${path}] }], probes: { readiness: { http: / } } }`,
  )
const first = (): Version => ({ image: images.tagged, location: 'UTC', replicas: 1, path: '/clock/' })
const second = (): Version => ({ image: images.digested, location: 'Pacific/Kiritimati', replicas: 2, path: '/watch/' })

/** Which of two zones, 14 hours apart, a time of day was told in. */
const zoneOf = (told: string): string => {
  const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(2, 4))
  const utc = new Date().getUTCHours() * 60 + new Date().getUTCMinutes()
  const away = (minutes(told) - utc + 1440 + 5) % 1440
  return away < 10 ? 'UTC' : away > 840 && away < 850 ? 'Pacific/Kiritimati' : told
}
const answers = async (path: string): Promise<string> => {
  const { status, body } = await house.request('GET', path)
  return status === 200 ? zoneOf(body) : String(status)
}
/** Each version of a secret has a random id besides its number. */
const withoutId = (name: string): string => name.replace(/-[0-9a-f]{6}$/u, '')
/** Everything of a version that can be told from its objects. */
const live = async (): Promise<unknown[]> => {
  const get = async (kind: string, path: string): Promise<string> =>
    house.kubectl('get', kind, '-n', 'casa-prod-clock', 'clock', '-o', `jsonpath=${path}`)
  const container = '{.spec.template.spec.containers[0]'
  return [
    await get('deployment', `${container}.image}`),
    withoutId(await get('deployment', `${container}.env[?(@.name=="TOKEN")].valueFrom.secretKeyRef.name}`)),
    await get('deployment', '{.spec.replicas}'),
    await house.kubectl('get', 'httproute', '-n', 'casa-prod-clock', '-o', 'jsonpath={..path.value}'),
  ]
}
const setToken = (value: string) =>
  homeslice(['secrets', 'set', 'token', '--file', join(house.folder, 'home.yaml')], {
    env: { HOMESLICE_IDENTITY: join(house.folder, 'identity.txt') },
    input: `${value}\n`,
  })
const back = async (...words: string[]) => {
  const { code, stdout } = await house.homeslice('rollback', 'clock', '--json', ...words)
  return { code, document: JSON.parse(stdout) as unknown }
}
const versions = async () => {
  const { stdout } = await house.homeslice('status', 'clock', '--json')
  return listing.parse(JSON.parse(stdout)).versions
}

beforeAll(async () => {
  const read = await readLock(root)
  if (!read.ok) throw new Error(read.message)
  house = await startHouse()
  // The catalog's clock brings the image of ours into the sandbox; then a service is made of it by its name.
  await house.write(home('{ use: clocktime, routes: [] }'))
  expect((await house.homeslice('up')).code).toBe(0)
  const digested = await house.kubectl('get', 'pods', '-n', 'casa-prod-clock', '-o', 'jsonpath={..imageID}')
  images = { tagged: `homeslice.local/clocktime:${read.lock.ours.clocktime?.tag}`, digested }
  expect((await house.homeslice('destroy', '--yes')).code).toBe(0)
})
afterAll(() => house.remove())

describe('a rollback', () => {
  it('brings image, environment, secret, replicas and route of the version before back', async () => {
    expect((await setToken('one')).code).toBe(0)
    await house.write(clock(first()))
    expect((await house.homeslice('up')).code).toBe(0)
    const before = await live()
    expect(before).toEqual([images.tagged, 'token-v1', '1', '/clock/'])
    expect((await setToken('two')).code).toBe(0)
    await house.write(clock(second()))
    expect((await house.homeslice('up')).code).toBe(0)
    expect(await live()).toEqual([images.digested, 'token-v2', '2', '/watch/'])
    expect([await answers('/watch/'), await answers('/clock/')]).toEqual(['Pacific/Kiritimati', '404'])
    const { code, document } = await back()
    expect([code, rolledBack.parse(document)]).toMatchObject([0, { from: 2, to: 1, version: 3, ready: true }])
    expect(await live()).toEqual(before)
    await expect.poll(() => answers('/clock/'), { timeout: 20_000 }).toBe('UTC')
    expect(await answers('/watch/')).toBe('404')
  })

  it('leaves the home file alone: `up` goes on to what it says', async () => {
    const plan = await house.homeslice('plan')
    expect([plan.code, plan.stdout]).toEqual([0, expect.stringContaining('Deployment casa-prod-clock/clock') as string])
    expect((await house.homeslice('up')).code).toBe(0)
    expect(await live()).toEqual([images.digested, 'token-v2', '2', '/watch/'])
    await expect.poll(() => answers('/watch/'), { timeout: 20_000 }).toBe('Pacific/Kiritimati')
    expect((await house.homeslice('up')).stdout).toContain('nothing changed')
    expect((await house.homeslice('plan', '--json')).stdout).toContain('"changes": []')
  })

  it('is told with every other version by `status`', async () => {
    expect(
      (await versions()).map(({ number, verdict, image, rolledBackTo }) => [number, verdict, image, rolledBackTo]),
    ).toEqual([
      [4, 'ready', images.digested, undefined],
      [3, 'ready', images.tagged, 1],
      [2, 'ready', images.digested, undefined],
      [1, 'ready', images.tagged, undefined],
    ])
    const text = (await house.homeslice('status', '--versions')).stdout
    expect(text).toMatch(/^clock\n {2}\* 4 .* ready .*\n {4}3 .* back to version 1: /u)
    const status = JSON.parse((await house.homeslice('status', '--json')).stdout) as { services: { version: string }[] }
    expect(status.services.map(({ version }) => version)).toEqual(['4'])
    const none = await house.homeslice('status', 'clok')
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('there are versions of: clock') as string])
  })

  it('passes over a version that failed, and needs neither file nor vault nor key', async () => {
    await house.write(clock({ ...second(), image: 'homeslice.local/clocktime:gone' }))
    expect((await house.homeslice('up', '--deadline', '10')).code).toBe(1)
    await house.write('version: 1\nhome: {')
    for (const name of ['secrets.yaml', 'identity.txt']) rmSync(join(house.folder, name))
    const refused = await house.homeslice('rollback', 'clock')
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--home NAME') as string])
    const { code, document } = await back('--home', 'casa')
    expect([code, rolledBack.parse(document)]).toMatchObject([0, { from: 5, to: 4, version: 6 }])
    expect(await live()).toEqual([images.digested, 'token-v2', '2', '/watch/'])
    expect((await back('--home', 'casa', '--to', '1')).code).toBe(0)
    expect(await live()).toEqual([images.tagged, 'token-v1', '1', '/clock/'])
    const secrets = await house.kubectl('get', 'secrets', '-n', 'casa-prod-clock', '-o', 'json')
    const { items } = JSON.parse(secrets) as { items: { metadata: { name: string }; data: { value: string } }[] }
    const token = items.find(({ metadata }) => withoutId(metadata.name) === 'token-v1')?.data.value ?? ''
    expect(Buffer.from(token, 'base64').toString()).toBe('one')
  })

  it('says before the first write that an image is gone, or a version', async () => {
    const before = await house.kubectl('get', 'secrets', '-n', 'homeslice-system', '-o', 'name')
    const gone = await back('--home', 'casa', '--to', '5')
    expect([gone.code, gone.document]).toMatchObject([
      1,
      {
        error: {
          message:
            'version 5 of clock runs the image homeslice.local/clocktime:gone, which the sandbox no longer holds; nothing was changed',
        },
      },
    ])
    const never = await back('--home', 'casa', '--to', '99')
    expect([never.code, never.document]).toMatchObject([1, { error: { message: 'version 99 of clock is not kept' } }])
    expect((await back('--home', 'casa, x')).code).toBe(2)
    expect((await back('--context', 'k3s')).code).toBe(2)
    expect(await house.kubectl('get', 'secrets', '-n', 'homeslice-system', '-o', 'name')).toBe(before)
  })

  it('is stopped by what stops `up`: it deletes no volume and opens no service that is not named', async () => {
    await house.write(home(`{ image: "${images.tagged}", data: { /data: 16Mi } }`))
    expect((await house.homeslice('up')).code).toBe(0)
    const { code, document } = await back()
    expect([code, document]).toMatchObject([
      3,
      { stopped: [{ allow: 'data-loss:clock' }, { allow: 'exposure:clock' }] },
    ])
    expect(await house.kubectl('get', 'pvc', '-n', 'casa-prod-clock', '-o', 'name')).toContain('data-data')
    expect((await back('--allow', 'data-loss:clock', '--allow', 'exposure:clock')).code).toBe(0)
    expect(await live()).toEqual([images.tagged, 'token-v1', '1', '/clock/'])
  })

  it('leaves nothing behind once its environment is destroyed', async () => {
    await house.write(home(`{ image: "${images.tagged}" }`))
    expect((await house.homeslice('destroy', '--yes', '--allow', 'data-loss:clock')).code).toBe(0)
    expect(await house.kubectl('get', 'secrets', '-n', 'homeslice-system', '-o', 'name')).toBe('')
    const { code, document } = await back()
    expect([code, document]).toMatchObject([1, { error: { fix: 'bring it up first: homeslice up' } }])
  })
})
