import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type House, run, startHouse } from '@homeslice/testing'
import { copyOfCheckout } from './checkout.testing.ts'

let house: House
let copy = ''
beforeAll(async () => {
  house = await startHouse()
  copy = copyOfCheckout()
})
afterAll(async () => {
  await house.remove()
  rmSync(copy, { recursive: true, force: true })
})

it('a service that was just made comes up in a sandbox, and answers through the gateway', async () => {
  const home = join(copy, 'home.yaml')
  writeFileSync(
    home,
    'version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\nservices:\n  clocktime: { use: clocktime }\n',
  )
  const homeslice = (...words: readonly string[]) =>
    run(process.execPath, [join(copy, 'apps/cli/src/main.ts'), ...words, '--file', home], {
      cwd: copy,
      env: { HOMESLICE_STATE: join(house.folder, 'state'), HOMESLICE_IDENTITY: join(house.folder, 'identity.txt') },
    })
  const made = await homeslice('new', 'service', 'night-light')
  expect([made.code, made.code === 0 ? '' : made.stdout + made.stderr]).toEqual([0, ''])
  const up = await homeslice('up')
  expect([up.code, up.code === 0 ? '' : up.stdout + up.stderr]).toEqual([0, ''])
  expect(await house.request('GET', '/api/v0/nightlight/you/')).toEqual({ status: 200, body: 'hello you\n' })
})
