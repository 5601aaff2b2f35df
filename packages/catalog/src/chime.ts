import { z } from 'zod'
import type { Operation } from './contract.ts'
import type { Complaint, Entry, House, Job } from './entry.ts'

const settings = z
  .strictObject({
    chimes: z
      .array(
        z.strictObject({
          title: z.string().min(1).max(64).describe('What the speakers show while it plays.'),
          sound: z
            .string()
            .regex(/^(https?:\/\/\S+|[\w-][\w.-]*\.mp3)$/u, 'must be the name of an mp3 file, or a whole URL')
            .describe('A file among the sounds, such as tea.mp3, or a whole URL.'),
          schedule: z.string().min(1).describe('When it sounds (cron, in the timezone of the home).'),
          zones: z.array(z.string().min(1)).min(1).describe('The speakers, from `devices`; each plays with its group.'),
          volume: z.int().min(0).max(100).default(40).describe('How loud, from 0 to 100.'),
        }),
      )
      .default([])
      .describe('What sounds when and where.'),
    address: z
      .string()
      .regex(/^http:\/\/[^/\s]+$/u, 'must be like http://192.0.2.10')
      .optional()
      .describe('Where speakers reach this home: by plain HTTP, and by an IP address, such as http://192.0.2.10.'),
    folder: z
      .string()
      .regex(/^(\/[^/:\0]+)+$/u, 'must be an absolute path without ":"')
      .optional()
      .describe('The folder of the node with the sounds. Default: the volume that it keeps.'),
  })
  .describe('Sounds on the Sonos speakers of the house, by the clock.')

type Settings = z.infer<typeof settings>

const path = '/api/v0/chime/'

const contract: readonly Operation[] = [
  {
    methods: ['GET', 'HEAD'],
    path: `${path}{sound}`,
    summary: 'A sound, for the speakers.',
    replies: [
      { status: 200, body: '^', when: 'there is an mp3 file of this name' },
      { status: 206, body: '^', when: 'a part of it is asked for by `Range`' },
      { status: 404, when: 'there is none' },
      { status: 416, when: 'it has no such part' },
    ],
  },
  {
    methods: ['GET', 'HEAD'],
    path: '*',
    summary: 'Anything else.',
    replies: [{ status: 404, when: 'always' }],
  },
  {
    methods: 'any',
    path: '*',
    summary: 'Any other method.',
    replies: [{ status: 405, when: 'always', headers: { Allow: 'GET, HEAD' } }],
  },
]

/** `Tea time!` as part of a name. */
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .replaceAll(/^-+|-+$/gu, '')

const jobsOf = ({ chimes, address }: Settings, { devices, url }: House): Job[] =>
  chimes.flatMap(({ title, sound, schedule, zones, volume }) =>
    devices
      .filter(({ name }) => zones.includes(name))
      .map((zone) => {
        const base = zone.simulate ? url : (address ?? url)
        const uri = sound.includes('://') ? sound : `${base}${path}${sound}`
        return {
          name: `${slug(title)}-${zone.name}`,
          schedule,
          args: [zone.address, title, uri, '--player-volume', String(volume)],
        }
      }),
  )

const check = ({ chimes, address }: Settings, { devices }: House): Complaint[] => [
  ...chimes.flatMap(({ zones }, chime) =>
    zones.flatMap((zone, index) =>
      devices.some(({ name }) => name === zone)
        ? []
        : [
            {
              path: ['chimes', chime, 'zones', index],
              message: `there is no speaker "${zone}" among its devices`,
              fix: `add it beside settings: devices: [${[...devices.map(({ name }) => name), zone].join(', ')}]`,
            },
          ],
    ),
  ),
  ...(address === undefined &&
  devices.some(({ simulate }) => !simulate) &&
  chimes.some(({ sound }) => !sound.includes('://'))
    ? [
        {
          path: [],
          message: 'speakers fetch the sounds from this home, and `address` does not say where that is',
          fix: 'add address: http://192.0.2.10, with the address of the cluster on the LAN',
        },
      ]
    : []),
]

/** The volume: what runs leave behind until all speakers are as they were found, and the sounds. */
const volume = '/var/lib/chime'

/** Where the program sees a folder of the node. */
const sounds = '/sounds'

/** Sounds by the clock. */
export const chime: Entry<Settings> = {
  name: 'chime',
  summary: 'Plays sounds on the Sonos speakers by the clock, and leaves each speaker as it was.',
  settings,
  port: 8000,
  metricsPort: 9000,
  paths: [path],
  plainBecause: 'speakers fetch the sounds by plain HTTP',
  contract,
  drives: ['sonos'],
  isCalledByDevices: true,
  resources: { cpu: { request: '10m', limit: '500m' }, memory: { request: '64Mi', limit: '128Mi' } },
  data: { [volume]: '256Mi' },
  host: ({ folder }) =>
    folder === undefined ? undefined : { folders: { [sounds]: folder }, because: 'the sounds lie there' },
  calls: () => [],
  check,
  wire: (chosen, house) => ({
    args: ['serve-sounds', chosen.folder === undefined || house.simulate ? volume : sounds],
    env: { CHIME_STATE_FOLDER: `${volume}/state` },
    files: {},
    jobs: jobsOf(chosen, house),
  }),
}
