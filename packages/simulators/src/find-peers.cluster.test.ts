import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pythonWith, run } from '@homeslice/testing'
import { findableKasa, findableKlap, findableWemo } from './findable.ts'

const peers = join(import.meta.dirname, '..', 'peers')

describe('devices that are searched for', () => {
  it('are found by python-kasa, older and newer ones', async () => {
    const python = await pythonWith(join(peers, 'python-kasa.txt'))
    const devices = await Promise.all([
      findableKasa({ host: '127.0.14.1', name: 'porch', mac: '50:c7:bf:00:00:14', model: 'HS100(US)' }),
      findableKlap({ host: '127.0.14.2', name: '', mac: '50:c7:bf:00:00:15', model: 'EP10(US)' }),
    ])
    const checked = await run(python, [join(peers, 'kasa_find_check.py'), '127.255.255.255', '127.0.14.'])
    await Promise.all(devices.map((device) => device.stop()))
    expect([checked.code, checked.stderr]).toEqual([0, ''])
    expect(JSON.parse(checked.stdout)).toEqual({
      raw: {
        '127.0.14.1': [9999, 'HS100(US)', '50:C7:BF:00:00:14'],
        '127.0.14.2': [20_002, 'EP10(US)', '50-C7-BF-00-00-15'],
      },
      devices: { '127.0.14.1': 'IotPlug', '127.0.14.2': 'IotPlug' },
    })
  })

  it('are found by pywemo', async () => {
    const python = await pythonWith(join(peers, 'pywemo.txt'))
    const told = { host: '127.0.14.3', name: 'Lamp <&>', mac: 'ec:1a:59:00:00:14', model: 'Socket' }
    const device = await findableWemo(told)
    const checked = await run(python, [join(peers, 'pywemo_find_check.py'), '127.0.14.3'])
    await device.stop()
    expect([checked.code, checked.stderr]).toEqual([0, ''])
    expect(JSON.parse(checked.stdout)).toEqual(['uuid:Socket-1_0-EC1A59000014'])
  })
})
