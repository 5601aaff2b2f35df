import { z } from 'zod'
import { machineDoor } from './cloud.ts'
import type { Complaint, Entry, House, Wiring } from './entry.ts'
import { lmzContract } from './lmz.ts'
import { madeUpBytes, madeUpKey } from './made-up.ts'
import { secretNamed } from './secret.ts'

const settings = z
  .strictObject({
    installationKey: secretNamed(
      'The secret with the JSON of an installation key, which names this service to the cloud.',
    ).optional(),
  })
  .describe('The coffee machine, through the cloud of La Marzocco.')

type Settings = z.infer<typeof settings>

const keyPath = '/etc/lmz/installation-key.json'
const accountPath = '/etc/lmz/creds.txt'

/** What stands for a key where a simulator reads it. */
const madeUp = `${JSON.stringify({
  secret: madeUpBytes('lmz').toString('base64'),
  private_key: madeUpKey('lmz').export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  installation_id: 'simulated',
})}\n`

const check = ({ installationKey }: Settings, { devices }: House): Complaint[] => {
  const machine = devices[0]
  if (machine === undefined || devices.length > 1)
    return [{ path: [], message: 'it drives one machine', fix: 'name it beside settings: devices: [machine]' }]
  if (machine.simulate || installationKey !== undefined) return []
  return [
    {
      path: [],
      message: `the cloud of ${machine.name} wants \`installationKey\`, which is missing`,
      fix: 'add installationKey: { secret: name }, or simulate: true to the device',
    },
  ]
}

const filesOf = ({ installationKey }: Settings, { devices }: House): Wiring['files'] => {
  const machine = devices[0]
  if (machine?.simulate === true) return { [keyPath]: madeUp, [accountPath]: 'somebody\nsimulated\nMR000000\n' }
  return {
    ...(installationKey && { [keyPath]: installationKey }),
    ...(machine?.account && { [accountPath]: machine.account }),
  }
}

/** The coffee machine by HTTP. */
export const lmz: Entry<Settings> = {
  name: 'lmz',
  summary: 'Turns a La Marzocco coffee machine on and off, and tells its state.',
  settings,
  port: 8000,
  metricsPort: 9000,
  paths: ['/api/v0/lmz/'],
  contract: lmzContract,
  drives: ['lamarzocco'],
  resources: { cpu: { request: '10m', limit: '500m' }, memory: { request: '64Mi', limit: '128Mi' } },
  calls: () => [],
  check,
  wire: (chosen, house) => {
    const [machine] = house.devices
    const { prefix, port } = machineDoor
    return {
      args: ['serve'],
      env: {
        CREDS_PATH: accountPath,
        INSTALLATION_KEY_PATH: keyPath,
        ...(machine?.simulate === true ? { LMZ_BASE_URL: `${prefix}${machine.address}:${port}/api/customer-app` } : {}),
      },
      files: filesOf(chosen, house),
    }
  },
}
