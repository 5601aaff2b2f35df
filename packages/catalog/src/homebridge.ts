import { z } from 'zod'
import { malformed } from './contract.ts'
import type { Entry } from './entry.ts'
import { homekitConfig } from './homekit.ts'

/** Holds the pairing, the identity of the bridge, and what plugins keep. */
const folder = '/homebridge'
const configPath = '/etc/homebridge/config.json'

const settings = z
  .strictObject({
    bridge: z
      .string()
      .min(1)
      .max(64)
      .default('Homeslice')
      .describe('What the bridge is called when it is added to Apple’s Home.'),
    port: z
      .int()
      .min(1024)
      .max(65_535)
      .default(51_826)
      .describe('The port on the node that HomeKit calls. Open it in a firewall.'),
    bind: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'Addresses or interfaces of the node that the bridge is announced on, such as eth0. Default: all of them.',
      ),
    buttons: z.array(z.string().min(1)).default([]).describe('Virtual buttons to show, by their ids.'),
    names: z
      .record(z.string(), z.string().min(1).max(64))
      .default({})
      .describe('What a device, curation, machine or button is called in HomeKit: id to name.'),
    formerly: z
      .record(z.string(), z.string().min(1))
      .default({})
      .describe('The name that it had in an older Homebridge: id to name. Its room and automations then stay.'),
    deadDevices: z
      .enum(['no-response', 'off'])
      .default('no-response')
      .describe('How a device that does not answer is shown: as "No Response", or as off.'),
  })
  .describe('The house in Apple’s Home: its switches, curations, machine and buttons.')

/** The house in Apple's Home, by Homebridge. */
export const homebridge: Entry<z.infer<typeof settings>> = {
  name: 'homebridge',
  summary: "Shows the house in Apple's Home, by Homebridge.",
  settings,
  port: 8581,
  metricsPort: 8582,
  paths: ['/api/v0/homebridge/'],
  contract: [
    {
      methods: ['GET', 'HEAD'],
      path: '*',
      summary: 'What HomeKit sees of the house, for people.',
      replies: [
        {
          status: 200,
          body: '^(paired|waiting to be paired|starting), [0-9]+ accessor(y|ies)\\n([^\\n]+\\n)*$',
          when: 'always: a line for the bridge, then a line for each accessory with what it last said',
        },
        malformed,
      ],
    },
    { methods: 'any', path: '*', summary: 'Anything else.', replies: [{ status: 405, when: 'always' }, malformed] },
  ],
  drives: [],
  resources: { cpu: { request: '10m', limit: '1' }, memory: { request: '128Mi', limit: '256Mi' } },
  data: { [folder]: '256Mi' },
  host: () => ({
    network: true,
    because: 'HomeKit finds a bridge by multicast, which only the network of the node hears',
  }),
  calls: () => [],
  wire: (chosen, { needs }) => ({
    args: [configPath],
    env: { HOMEBRIDGE_FOLDER: folder },
    files: { [configPath]: `${JSON.stringify(homekitConfig(chosen, needs), undefined, 2)}\n` },
  }),
}
