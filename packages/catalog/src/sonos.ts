import { z } from 'zod'
import { malformed, type Operation, type Reply } from './contract.ts'
import type { Complaint, Entry, House } from './entry.ts'

const configPath = '/etc/sonos/config.yaml'

const id = z
  .string()
  .regex(/^[\w-]+$/u, 'must be letters, digits, "_" and "-"')
  .describe('What clients call it by, in any case.')
const common = {
  id,
  name: z.string().default('').describe('Its title. A station is known by it when it plays.'),
  volume: z.int().min(0).max(100).optional().describe('From 0 to 100. Default: the volume is left alone.'),
  statusWords: z
    .boolean()
    .default(false)
    .describe('Status bodies are `1 ON` and `0 OFF`, for clients that look for words.'),
}

const settings = z
  .strictObject({
    coordinator: z.string().optional().describe('The speaker that the others join. Default: the first of `devices`.'),
    playlists: z
      .array(
        z.strictObject({
          ...common,
          shareLink: z
            .url()
            .startsWith('https://music.apple.com/', 'must be a link that Apple Music shares')
            .describe('The public link of the playlist.'),
        }),
      )
      .default([])
      .describe('Playlists of Apple Music.'),
    stations: z
      .array(z.strictObject({ ...common, uri: z.string().min(1).describe('The address of its stream.') }))
      .default([])
      .describe('Radio stations.'),
    strictPause: z
      .boolean()
      .default(false)
      .describe('Pause a curation only when it is the one that plays; the original paused whatever played.'),
  })
  .describe('Playlists and stations on the Sonos speakers of the house, by HTTP.')

const reason = { 'X-Homeslice-Reason': 'one sentence for the person who runs the house' }
const failed: Reply = { status: 500, when: 'the coordinator refuses or does not answer in time', headers: reason }
const unknown: Reply = { status: 400, when: 'no curation has this id, or the operation is none' }
const notFound: Reply = { status: 404, body: '^404 page not found\\n$', when: 'always' }
const notAllowed = (methods: string): Reply => ({
  status: 405,
  body: '^Method Not Allowed\\n$',
  when: 'always',
  headers: { Allow: methods },
})
const untidy: Reply = {
  status: 301,
  when: 'the path has doubled slashes or dots',
  headers: { Location: 'the same path without them' },
}
const path = '/api/v0/sonos/curations/{id}'
const state: Reply = { status: 200, body: '^(1|0)( ON| OFF)?$', when: 'the coordinator told: 1 is playing' }

const contract: readonly Operation[] = [
  {
    methods: ['POST'],
    path: `${path}/status`,
    summary: 'Whether this is what plays.',
    replies: [state, failed, unknown, malformed],
  },
  {
    methods: ['GET'],
    path: `${path}/status`,
    summary: 'Whether this is what plays.',
    replies: [state, failed, unknown, malformed],
  },
  {
    methods: ['HEAD'],
    path: `${path}/status`,
    summary: 'Not for HEAD.',
    replies: [{ status: 400, when: 'always' }],
  },
  {
    methods: ['POST'],
    path: `${path}/{operation}`,
    summary: 'Let it `play`, `pause` the coordinator, or ask for the `status`; words in any case.',
    replies: [
      { status: 200, body: '^(1|0)( ON| OFF)?$', when: 'the coordinator is ready for it; the music comes after' },
      failed,
      unknown,
      malformed,
      { status: 404, body: '^404 page not found\\n$', when: 'nothing stands after the last slash' },
    ],
  },
  {
    methods: 'any',
    path: `${path}/status`,
    summary: 'Any other method.',
    replies: [notAllowed('GET, HEAD, POST')],
  },
  { methods: 'any', path: `${path}/{operation}`, summary: 'Any other method.', replies: [notAllowed('POST')] },
  {
    methods: ['GET'],
    path,
    summary: 'What became of the last command of a curation, for people.',
    replies: [
      { status: 200, body: '^\\{.*\\}\\n$', when: 'the curation is known; JSON' },
      { status: 404, body: '^404 page not found\\n$', when: 'no curation has this id' },
    ],
  },
  { methods: 'any', path: '*', summary: 'Anything else.', replies: [notFound, untidy, malformed] },
]

type Settings = z.infer<typeof settings>

const check = ({ coordinator }: Settings, { devices }: House): Complaint[] => {
  const names = devices.map(({ name }) => name)
  if (names.length === 0)
    return [
      { path: [], message: 'it needs a speaker to play on', fix: 'name some beside settings: devices: [kitchen]' },
    ]
  if (coordinator === undefined || names.includes(coordinator)) return []
  return [
    {
      path: ['coordinator'],
      message: `there is no speaker "${coordinator}" among its devices`,
      fix: `add it beside settings: devices: [${[...names, coordinator].join(', ')}]`,
    },
  ]
}

/** Playlists and stations on Sonos speakers. */
export const sonos: Entry<Settings> = {
  name: 'sonos',
  summary: 'Plays playlists and stations on the Sonos speakers of the house, and tells what plays.',
  settings,
  port: 8000,
  metricsPort: 9000,
  paths: ['/api/v0/sonos/'],
  contract,
  drives: ['sonos'],
  resources: { cpu: { request: '10m', limit: '500m' }, memory: { request: '64Mi', limit: '128Mi' } },
  clouds: ({ playlists }) => (playlists.length > 0 ? [{ kind: 'playlist-page' }] : []),
  calls: () => [],
  check,
  wire: ({ coordinator, playlists, stations, strictPause }, { devices, clouds }) => {
    const first = devices.find(({ name }) => name === coordinator) ?? devices[0]
    const known = <Common extends { readonly statusWords: boolean }>({ statusWords, ...rest }: Common) => ({
      ...rest,
      ...(statusWords ? { status_words: true } : {}),
    })
    const config = {
      kind: 'gosonos/v1',
      coordinator: first?.address ?? '',
      players: devices.filter((device) => device !== first).map(({ address }) => address),
      playlists: playlists.map(({ shareLink, ...rest }) => ({ ...known(rest), share_link: shareLink })),
      stations: stations.map(known),
      ...(strictPause ? { strict_pause: true } : {}),
    }
    // JSON is YAML.
    return {
      args: ['serve'],
      env: {
        CONFIG_PATH: configPath,
        ...(clouds['playlist-page'] && { PLAYLIST_BASE_URL: clouds['playlist-page'] }),
      },
      files: { [configPath]: `${JSON.stringify(config, undefined, 2)}\n` },
    }
  },
}
