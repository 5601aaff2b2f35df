import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, root, startHouse } from '@homeslice/testing'

const example = readFileSync(join(root, 'home/example.yaml'), 'utf8')
const environments = ['prod', 'staging', 'dev'] as const
type Env = (typeof environments)[number]

let house: House
const hostOf = (env: Env): Record<string, string> => (env === 'prod' ? {} : { Host: `${env}.casa.test` })
const ask = (env: Env, method: string, path: string) => house.request(method, path, hostOf(env))

/** Whether the porch of an environment is on: each has a simulated one of its own. */
const porch = async (env: Env): Promise<boolean> => {
  const path = `/api/v1/namespaces/casa-${env}-device-porch/services/device-porch:8000/proxy/state`
  return (JSON.parse(await house.kubectl('get', '--raw', path)) as { on: boolean }).on
}

type Quota = { readonly hard: Record<string, string>; readonly used: Record<string, string> }
const mebibytes = (size = '0'): number => {
  const [, number, unit] = /^(\d+)(\D*)$/u.exec(size) ?? []
  return Number(number) / ({ Ki: 1024, Mi: 1, Gi: 1 / 1024, '': 1024 ** 2 }[unit ?? ''] ?? Number.NaN)
}
/** The quotas of its services: a budget is theirs, and the keeper is counted in none. */
const quotasOf = async (env: Env): Promise<Quota[]> => {
  const labels = `homeslice.dev/home=casa,homeslice.dev/env=${env},homeslice.dev/service!=keeper`
  const list = JSON.parse(await house.kubectl('get', 'quota', '-A', '-l', labels, '-o', 'json')) as {
    items: { status: Quota }[]
  }
  return list.items.map(({ status }) => status)
}

beforeAll(async () => {
  house = await startHouse()
  await house.write(example)
})
afterAll(() => house.remove())

describe('the environments of one home', () => {
  it('come up side by side', async () => {
    for (const env of environments) {
      const { code, stderr } = await house.homeslice('up', '--env', env)
      expect([env, code, stderr]).toEqual([env, 0, expect.any(String)])
    }
  })

  it.each(environments)('%s answers at its own address', async (env) => {
    expect((await ask(env, 'GET', '/api/v0/clocktime/')).body).toMatch(/^\d{4}$/u)
    const { status } = await ask(env, 'POST', '/api/v0/buttons/a/on/')
    expect(status).toBe(env === 'dev' ? 404 : 200)
  })

  it('never press the switches of another', async () => {
    expect(await ask('staging', 'POST', '/api/v0/switches/porch/on/')).toEqual({ status: 200, body: 'OK' })
    expect(await Promise.all(environments.map(porch))).toEqual([false, true, false])
    expect(await house.reach('clocktime', `http://switches.casa-staging-switches/`)).not.toBe('200')
  })

  it.each([
    ['staging', 3072],
    ['dev', 2048],
  ] as const)('%s stays within its budget', async (env, budget) => {
    const quotas = await quotasOf(env)
    const sum = quotas.reduce((all, { hard }) => all + mebibytes(hard['limits.memory']), 0)
    expect(sum).toBeLessThanOrEqual(budget)
    const over = quotas.filter(({ hard, used }) => mebibytes(used['limits.memory']) > mebibytes(hard['limits.memory']))
    expect(over).toEqual([])
  })

  it('differ only where the file says so', async () => {
    const level = (env: Env) =>
      house.kubectl('get', 'deploy', 'switches', '-n', `casa-${env}-switches`, '-o', 'jsonpath={..env}')
    expect(await level('staging')).toContain('"LOG_LEVEL","value":"debug"')
    expect(await level('prod')).not.toContain('"LOG_LEVEL","value":"debug"')
    const statuses = await Promise.all(
      environments.map(async (env) => (await house.homeslice('status', '--env', env)).stdout),
    )
    expect(statuses.map((text) => text.match(/ ready /gu)?.length)).toEqual([9, 8, 4])
  })

  it('are refused before anything is applied where they cannot fit', async () => {
    await house.write(example.replace('budget: { memory: 3Gi }', 'budget: { memory: 256Mi }'))
    for (const words of [['check'], ['up', '--env', 'staging']]) {
      const { code, stdout, stderr } = await house.homeslice(...words)
      expect([code, `${stdout}${stderr}`]).toEqual([2, expect.stringMatching(/staging may use \d+Mi .*256Mi/u)])
    }
    await house.write(example)
    for (const env of environments) {
      expect((await house.homeslice('up', '--env', env)).stdout).toContain('nothing changed')
    }
  })

  it('go one by one', async () => {
    expect((await house.homeslice('destroy', '--env', 'staging', '--yes')).code).toBe(0)
    expect((await ask('staging', 'GET', '/api/v0/clocktime/')).status).toBe(404)
    expect((await ask('prod', 'GET', '/api/v0/clocktime/')).status).toBe(200)
    expect((await ask('dev', 'GET', '/api/v0/clocktime/')).status).toBe(200)
    expect(await quotasOf('staging')).toEqual([])
  })
})
