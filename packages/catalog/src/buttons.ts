import { z } from 'zod'
import { malformed, type Operation, whateverFollows } from './contract.ts'
import type { Entry } from './entry.ts'

const settings = z
  .strictObject({
    clocktime: z
      .string()
      .min(1)
      .default('clocktime')
      .describe('The service of this home that tells the time; it must stand in `needs`.'),
    size: z
      .int()
      .min(1)
      .max(100_000)
      .default(128)
      .describe('How many buttons are remembered; the one unused for longest is forgotten first.'),
  })
  .describe('Virtual buttons that remember their last press.')

const reading = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'] as const
const unknown = { status: 400, when: 'nobody pressed this button yet, or it was forgotten' } as const

const press = (word: string): Operation => ({
  methods: ['POST'],
  path: `/api/v0/${word}/{id}/{state}/`,
  summary: 'Press a button to `on` or `off`; a new id makes a new button.',
  values: { state: ['on', 'off'] },
  replies: [
    { status: 200, body: '^OK$', when: 'the press is remembered' },
    { status: 400, when: '`state` is neither `on` nor `off`' },
    malformed,
  ],
})

const contract: readonly Operation[] = [
  ...whateverFollows(press('buttons')),
  ...whateverFollows(press('buttontimes')),
  ...whateverFollows({
    methods: reading,
    path: '/api/v0/buttons/{id}/',
    summary: 'The last press of a button.',
    replies: [{ status: 200, body: '^(ON|OFF)\\n$', when: 'the button was pressed' }, unknown, malformed],
  }),
  ...whateverFollows({
    methods: reading,
    path: '/api/v0/buttontimes/{id}/',
    summary: 'The last press of a button, and the time of day now.',
    replies: [
      { status: 200, body: '^(ON|OFF):[0-9]{4}\\n$', when: 'the button was pressed' },
      unknown,
      { status: 500, when: 'the clock does not tell the time within a second' },
      malformed,
    ],
  }),
  {
    methods: 'any',
    path: '*',
    summary: 'Anything else.',
    replies: [{ status: 400, when: 'always' }],
  },
]

/** Virtual buttons that remember their last press. */
export const buttons: Entry<z.infer<typeof settings>> = {
  name: 'buttons',
  summary: 'Virtual buttons: remembers on or off for each, and tells the time with it.',
  settings,
  port: 8000,
  metricsPort: 9000,
  paths: ['/api/v0/buttons/', '/api/v0/buttontimes/'],
  contract,
  drives: [],
  resources: { cpu: { request: '10m', limit: '500m' }, memory: { request: '64Mi', limit: '128Mi' } },
  calls: (chosen) => [chosen.clocktime],
  wire: (chosen, { urlOf }) => ({
    args: [],
    env: { CLOCKTIME_URL: urlOf(chosen.clocktime), BUTTONS_SIZE: String(chosen.size) },
    files: {},
  }),
}
