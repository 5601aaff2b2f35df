import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pythonWith, run } from '@homeslice/testing'
import { startWemo } from './wemo.ts'

const peers = join(import.meta.dirname, '..', 'peers')

it('is a Wemo to pywemo: found by its description, switched and read', async () => {
  const python = await pythonWith(join(peers, 'pywemo.txt'))
  const simulator = await startWemo({ name: 'Lamp <&> 1', host: '127.0.9.1' })
  const checked = await run(python, [join(peers, 'pywemo_check.py'), 'http://127.0.9.1:49153/setup.xml'])
  await simulator.stop()
  expect([checked.code, checked.stderr]).toEqual([0, ''])
  expect(JSON.parse(checked.stdout)).toEqual({
    name: 'Lamp <&> 1',
    model: 'Socket',
    before: 0,
    on: 1,
    off: 0,
    toggled: 1,
  })
})
