import { createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { house, houseWith, textAt } from './house.testing.ts'
import { type HouseDevice, lmz } from './index.ts'

const real: HouseDevice = {
  name: 'espresso',
  kind: 'lamarzocco',
  address: '',
  account: { secret: 'machine' },
  simulate: false,
}
const mock: HouseDevice = { name: 'espresso', kind: 'lamarzocco', address: 'espresso.test', simulate: true }
const settings = lmz.settings.parse({ installationKey: { secret: 'machine-key' } })
const none = lmz.settings.parse({})

describe('the coffee machine', () => {
  it('gets its account and its key from the vault', () => {
    expect(lmz.wire(settings, houseWith(real))).toEqual({
      args: ['serve'],
      env: { CREDS_PATH: '/etc/lmz/creds.txt', INSTALLATION_KEY_PATH: '/etc/lmz/installation-key.json' },
      files: {
        '/etc/lmz/creds.txt': { secret: 'machine' },
        '/etc/lmz/installation-key.json': { secret: 'machine-key' },
      },
    })
    expect(lmz.calls(settings)).toEqual([])
  })

  it('needs neither where a simulator stands in', () => {
    const { env, files } = lmz.wire(none, houseWith(mock))
    expect(env.LMZ_BASE_URL).toBe('http://espresso.test:8080/api/customer-app')
    expect(textAt(files, '/etc/lmz/creds.txt').split('\n')).toEqual(['somebody', 'simulated', 'MR000000', ''])
    const key = JSON.parse(textAt(files, '/etc/lmz/installation-key.json')) as Record<string, string>
    expect(key.installation_id).toBe('simulated')
    expect(Buffer.from(key.secret!, 'base64')).toHaveLength(32)
    const hidden = createPrivateKey({ key: Buffer.from(key.private_key!, 'base64'), format: 'der', type: 'pkcs8' })
    expect(hidden.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
  })

  it.each([
    ['one machine with its key', settings, houseWith(real), []],
    ['a simulated machine', none, houseWith(mock), []],
    ['no machine', settings, houseWith(), ['it drives one machine']],
    ['two machines', settings, houseWith(real, mock), ['it drives one machine']],
    ['no key', none, houseWith(real), ['the cloud of espresso wants `installationKey`, which is missing']],
  ])('is checked: %s', (_, chosen, place, said) => {
    expect(lmz.check?.(chosen, place).map(({ message }) => message)).toEqual(said)
  })

  it('is wired without a machine too, which its check refuses', () => {
    expect(lmz.wire(none, { ...house, devices: [] }).files).toEqual({})
  })
})
