import { z } from 'zod'
import type { Entry } from './entry.ts'

const configPath = '/etc/switches/switches.json'

const settings = z
  .strictObject({
    alwaysOk: z.boolean().default(false).describe('Answer OK whatever the device did, as the original service did.'),
  })
  .describe('Switches of the house by HTTP: Kasa and Wemo.')

/** Switches of the house by HTTP. */
export const switches: Entry<z.infer<typeof settings>> = {
  name: 'switches',
  summary: 'Turns Kasa and Wemo switches on and off, and tells their state.',
  settings,
  port: 8000,
  metricsPort: 9000,
  paths: ['/api/v0/switches/'],
  drives: ['kasa', 'wemo'],
  resources: { cpu: { request: '10m', limit: '500m' }, memory: { request: '64Mi', limit: '128Mi' } },
  calls: () => [],
  wire: ({ alwaysOk }, { devices }) => ({
    args: [configPath],
    env: alwaysOk ? { SWITCHES_ALWAYS_OK: '1' } : {},
    files: {
      [configPath]: `${JSON.stringify(
        devices.map(({ name, kind, address, child }) => ({
          id: name,
          kind: `${kind}/v1`,
          name,
          address,
          ...(child === undefined ? {} : { child }),
        })),
        undefined,
        2,
      )}\n`,
    },
  }),
}
