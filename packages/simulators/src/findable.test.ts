import { Client } from 'tplink-smarthome-api'
import { describe, expect, it } from 'vitest'
import { type Findable, findableKasa } from './findable.ts'

describe('a Kasa device that is searched for', () => {
  it('is found by an independent client', async () => {
    const told = { host: '127.0.12.1', name: 'porch', mac: '50:c7:bf:00:00:12', model: 'HS100(US)' }
    const device: Findable = await findableKasa(told)
    const client = new Client()
    const found = new Promise<string>((resolve) => {
      client.on('device-new', ({ alias, host, mac, model }) => {
        if (host === told.host) resolve(`${alias} ${host} ${mac} ${model}`)
      })
    })
    client.startDiscovery({
      broadcast: '127.255.255.255',
      discoveryInterval: 200,
      breakoutChildren: false,
      macAddresses: ['50:C7:BF:00:00:12'],
    })
    expect(await found).toBe('porch 127.0.12.1 50:C7:BF:00:00:12 HS100(US)')
    client.stopDiscovery()
    await device.stop()
  })

  it('cannot be on an address that is none', async () => {
    await expect(findableKasa({ host: '192.0.2.1', name: 'x', mac: 'x', model: 'x' })).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    })
  })
})
