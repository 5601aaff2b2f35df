import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pythonWith, run } from '@homeslice/testing'
import { startLaMarzocco } from './cloud.ts'

const peers = join(import.meta.dirname, '..', '..', 'peers')

it('is the cloud of La Marzocco to pylamarzocco: keys, tokens, signatures, state and commands', async () => {
  const python = await pythonWith(join(peers, 'pylamarzocco.txt'), { anyPython: true })
  const account = { user: 'casa', password: 'secret' }
  const cloud = await startLaMarzocco({ name: 'Micra', host: '127.0.9.2', account, serial: 'MR012345' })
  const url = 'http://127.0.9.2:8080/api/customer-app'
  const checked = await run(python, [join(peers, 'pylamarzocco_check.py'), url, 'MR012345'])
  const seen = cloud.seen()
  await cloud.stop()
  expect([checked.code, checked.stderr]).toEqual([0, ''])
  expect(JSON.parse(checked.stdout)).toEqual({
    'before registration': 'AuthFail',
    'wrong password': 'AuthFail',
    'same token again': true,
    before: ['MR012345', true, 'StandBy', 'StandBy'],
    on: [true, ['MR012345', true, 'PoweredOn', 'BrewingMode']],
    off: [true, ['MR012345', true, 'StandBy', 'StandBy']],
    renewed: true,
    'after renewal': ['MR012345', true, 'StandBy', 'StandBy'],
    'another machine': 'RequestNotSuccessful',
    'another secret': 'AuthFail',
  })
  expect(seen).toContain('POST /auth/refreshtoken 200')
})
