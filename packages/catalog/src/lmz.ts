import { malformed, type Operation, type Reply } from './contract.ts'

const reason = { 'X-Homeslice-Reason': 'one sentence for the person who runs the house' }
const machineReplies: readonly Reply[] = [
  { status: 502, when: 'the cloud or the machine refuses, or answers nonsense', headers: reason },
  { status: 504, when: 'the cloud does not answer within 2.3 s of the arrival of the request', headers: reason },
]
const notAllowed = (allow: string): Reply => ({
  status: 405,
  body: '^405: Method Not Allowed$',
  when: 'always',
  headers: { Allow: allow },
})

const command = (word: 'ON' | 'OFF', summary: string): readonly Operation[] => [
  {
    methods: ['GET', 'POST'],
    path: `/api/v0/lmz/${word}`,
    summary,
    replies: [
      { status: 204, when: 'the cloud accepted the command for a machine that can hear it' },
      ...machineReplies,
    ],
  },
  {
    methods: 'any',
    path: `/api/v0/lmz/${word}`,
    summary: 'Any other method: HEAD too must switch nothing.',
    replies: [notAllowed('GET,POST')],
  },
]

/** What a coffee machine's service answers. */
export const lmzContract: readonly Operation[] = [
  ...command('ON', 'Turn the machine on.'),
  ...command('OFF', 'Let the machine stand by.'),
  {
    methods: ['GET', 'HEAD'],
    path: '/api/v0/lmz/STATUS',
    summary: 'Whether the machine is on.',
    replies: [
      {
        status: 200,
        body: '^[01]$',
        when: 'the cloud told: 1 is on, 0 stands by, is off at the mains or without Wi-Fi',
      },
      ...machineReplies,
    ],
  },
  {
    methods: 'any',
    path: '/api/v0/lmz/STATUS',
    summary: 'Any other method.',
    replies: [notAllowed('GET,HEAD')],
  },
  {
    methods: 'any',
    path: '*',
    summary: 'Anything else, such as another case or a trailing slash.',
    replies: [{ status: 404, body: '^404: Not Found$', when: 'always' }, malformed],
  },
]
