import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { freePort, pythonWith, run } from '@homeslice/testing'
import { type KasaOptions, type Klap, startKasa } from './kasa.ts'

const peers = join(import.meta.dirname, '..', 'peers')
const host = '127.0.9.61'
const account = { user: 'me@casa.test', password: 'a secret of mine' }
const stranger = { user: 'other@casa.test', password: 'guessed' }

const started = async (options: Partial<KasaOptions>): Promise<number> => {
  const simulator = await startKasa({ name: 'Porch', host, port: await freePort(), ...options })
  onTestFinished(() => simulator.stop())
  return simulator.state().port
}
const saw = async (program: string, requirements: string, specs: readonly object[]): Promise<unknown> => {
  const python = await pythonWith(join(peers, requirements))
  const checked = await run(python, [join(peers, program), JSON.stringify(specs)])
  expect([checked.code, checked.stderr]).toEqual([0, ''])
  return JSON.parse(checked.stdout)
}

it('is a Kasa plug and a strip to python-kasa, by the legacy protocol and both versions of KLAP', async () => {
  const legacy = async (options: Partial<KasaOptions> = {}) => ({ wire: 'xor', host, port: await started(options) })
  const klap = async (how: Klap, more: Partial<KasaOptions> & { readonly as?: object } = {}) => {
    const { as = account, ...options } = more
    const port = await started({ ...options, klap: { ...how, account } })
    return { wire: 'klap', host, port, version: how.version, speech: how.speech, ...as }
  }
  const children = ['tv', 'lamp', 'fan']
  const seen = await saw('kasa_check.py', 'python-kasa.txt', [
    await legacy(),
    await legacy({ children }),
    await klap({ version: 1 }),
    await klap({ version: 2 }),
    await klap({ version: 2 }, { children }),
    await klap({ version: 2, speech: 'smart' }),
    await klap({ version: 1 }, { as: stranger }),
    await klap({ version: 2 }, { as: stranger }),
    await klap({ version: 2, tpap: true }),
  ])
  const plug = { alias: 'Porch', model: 'HS100', before: false, on: true, off: false }
  const outlets = [
    ['tv', true],
    ['lamp', false],
    ['fan', true],
  ]
  const strip = { ...plug, model: 'KP303', outlets }
  const [wrong, closed] = [{ error: 'AuthenticationError' }, { error: 'KasaException' }]
  expect(seen).toEqual([plug, strip, plug, plug, strip, { on: true, off: false }, wrong, wrong, closed])
})

it('is a Tapo plug and a strip to tapo', async () => {
  const klap: Klap = { version: 2, speech: 'smart', account }
  const at = async (options: Partial<KasaOptions>) => `${host}:${await started(options)}`
  const seen = await saw('tapo_check.py', 'tapo.txt', [
    { address: await at({ klap }), ...account },
    { address: await at({ klap, children: ['tv', 'lamp'] }), strip: true, ...account },
    { address: await at({ klap }), ...stranger },
    { address: await at({ klap: { ...klap, requestsPerSession: 0 } }), ...account },
  ])
  expect(seen).toEqual([
    { name: 'Porch', on: true, off: false },
    {
      outlets: [
        ['tv', false],
        ['lamp', true],
      ],
    },
    { error: expect.stringContaining('HASH_MISMATCH') as string },
    { error: expect.any(String) as string },
  ])
})
