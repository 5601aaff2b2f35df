import { z } from 'zod'
import { malformed, type Operation, type Reply, whateverFollows } from './contract.ts'
import type { Entry } from './entry.ts'

const configPath = '/etc/switches/switches.json'

/** A file of two lines, user and password, which Kasa devices with new firmware want. */
const accountPath = (device: string): string => `/etc/switches/accounts/${device}`

const settings = z
  .strictObject({
    alwaysOk: z.boolean().default(false).describe('Answer OK whatever the device did, as the original service did.'),
  })
  .describe('Switches of the house by HTTP: Kasa and Wemo.')

const reason = { 'X-Homeslice-Reason': 'one sentence for the person who runs the house' }
const deviceReplies: readonly Reply[] = [
  { status: 404, when: 'no switch has this id; ids are exact in case' },
  { status: 502, when: 'the device refuses, breaks off or answers nonsense', headers: reason },
  { status: 504, when: 'the device does not answer within 2.3 s of the arrival of the request', headers: reason },
  malformed,
]

const status = (path: string): Operation => ({
  methods: ['GET'],
  path,
  summary: 'Whether a switch is on.',
  replies: [{ status: 200, body: '^[01]$', when: 'the device told its state: 1 is on' }, ...deviceReplies],
})

const contract: readonly Operation[] = [
  ...whateverFollows({
    methods: ['POST'],
    path: '/api/v0/switches/{id}/{operation}/',
    summary: 'Turn a switch `on` or `off`, or `toggle` it.',
    values: { operation: ['on', 'off', 'toggle'] },
    replies: [
      { status: 200, body: '^OK$', when: 'the device did it; with `alwaysOk` whatever it did' },
      { status: 400, when: '`operation` is none of `on`, `off` and `toggle`' },
      ...deviceReplies,
    ],
  }),
  ...whateverFollows(status('/api/v0/switches/{id}/status/')),
  status('/api/v0/switches/{id}/'),
  {
    methods: ['POST'],
    path: '*',
    summary: 'Any other path, such as one without its trailing slash.',
    replies: [{ status: 400, when: 'always' }],
  },
  {
    methods: 'any',
    path: '*',
    summary: 'Anything else.',
    replies: [{ status: 405, when: 'always' }, malformed],
  },
]

/** Switches of the house by HTTP. */
export const switches: Entry<z.infer<typeof settings>> = {
  name: 'switches',
  summary: 'Turns Kasa and Wemo switches on and off, and tells their state.',
  settings,
  port: 8000,
  metricsPort: 9000,
  paths: ['/api/v0/switches/'],
  contract,
  drives: ['kasa', 'wemo'],
  resources: { cpu: { request: '10m', limit: '500m' }, memory: { request: '64Mi', limit: '128Mi' } },
  calls: () => [],
  wire: ({ alwaysOk }, { devices }) => ({
    args: [configPath],
    env: alwaysOk ? { SWITCHES_ALWAYS_OK: '1' } : {},
    files: {
      [configPath]: `${JSON.stringify(
        devices.map(({ name, kind, address, child, account }) => ({
          id: name,
          kind: `${kind}/v1`,
          name,
          address,
          ...(child === undefined ? {} : { child }),
          ...(account === undefined ? {} : { account: accountPath(name) }),
        })),
        undefined,
        2,
      )}\n`,
      ...Object.fromEntries(devices.flatMap(({ name, account }) => (account ? [[accountPath(name), account]] : []))),
    },
  }),
}
