import type { DeviceStep, RequestStep, Row, StartRow } from './row.ts'

const at = (word: string): string => `/api/v0/lmz/${word}`
const done = { status: 204, has: { 'content-type': undefined, 'content-length': undefined } } as const
const failed = (status: number) => ({
  status,
  has: { 'content-length': /^0$/u, 'content-type': undefined, 'x-homeslice-reason': /\w{3}/u },
})
const says = (state: '0' | '1') => ({
  status: 200,
  says: state,
  has: { 'content-length': /^1$/u, 'content-type': /^text\/plain; charset=utf-8$/u },
})
const notFound = { status: 404, says: '404: Not Found' } as const
const notAllowed = (allow: RegExp) => ({ status: 405, says: '405: Method Not Allowed', has: { allow } })

const off: DeviceStep = { device: 'machine', fault: 'none', on: false }
const on: DeviceStep = { device: 'machine', fault: 'none', on: true }
/** A command that makes the service forget the state that it was told a moment ago. */
const turned = (word: 'ON' | 'OFF'): RequestStep => ({ method: 'GET', path: at(word) })
const fault = (name: string): (DeviceStep | RequestStep)[] => [off, turned('OFF'), { device: 'machine', fault: name }]
const left = (state: boolean) => ({ device: 'machine', on: state }) as const

const command = (name: string, word: 'ON' | 'OFF', rest: Omit<Row, 'name' | 'method' | 'path'>): Row => ({
  name: `machine: ${name}`,
  method: 'GET',
  path: at(word),
  ...rest,
})
const status = (name: string, rest: Omit<Row, 'name' | 'method' | 'path'>): Row => ({
  name: `machine: ${name}`,
  method: 'GET',
  path: at('STATUS'),
  ...rest,
})

/** SERVICES 1.7 with the corrections of section 2. */
export const lmzRows: readonly Row[] = [
  command('on', 'ON', { given: [off], ...done, leaves: left(true) }),
  command('off', 'OFF', { given: [on], ...done, leaves: left(false) }),
  { ...command('on by POST', 'ON', { given: [off], ...done, leaves: left(true) }), method: 'POST' },
  { ...command('off by POST', 'OFF', { given: [on], ...done, leaves: left(false) }), method: 'POST' },
  command('on when it is on', 'ON', { given: [on], ...done, leaves: left(true) }),
  {
    name: 'machine: HEAD of ON is 405, and turns nothing on',
    method: 'HEAD',
    path: at('ON'),
    given: [off],
    status: 405,
    has: { allow: /^GET,POST$/u, 'content-length': undefined },
    leaves: left(false),
  },
  {
    name: 'machine: HEAD of OFF is 405, and turns nothing off',
    method: 'HEAD',
    path: at('OFF'),
    given: [on],
    status: 405,
    has: { allow: /^GET,POST$/u, 'content-length': undefined },
    leaves: left(true),
  },
  status('status of one that is on', { given: [off, turned('ON')], ...says('1') }),
  status('status of one that stands by', { given: [on, turned('OFF')], ...says('0') }),
  {
    name: 'machine: HEAD of a status',
    method: 'HEAD',
    path: at('STATUS'),
    given: [off, turned('ON')],
    status: 200,
    has: { 'content-length': /^1$/u },
    leaves: left(true),
  },
  command('a slow cloud is waited for', 'ON', { given: fault('slow'), ...done, leaves: left(true) }),
  command('a cloud that refuses is 502', 'ON', { given: fault('error'), ...failed(502), leaves: left(false) }),
  command('no cloud is 502', 'ON', { given: fault('refuse'), ...failed(502) }),
  command('nonsense is 502', 'ON', { given: fault('garbage'), ...failed(502) }),
  command('far too much is 502', 'ON', { given: fault('huge'), ...failed(502) }),
  command('a cloud that breaks off is 502', 'ON', { given: fault('vanish'), ...failed(502) }),
  command('an API that is gone is 502', 'ON', { given: fault('gone'), ...failed(502) }),
  command('on of one that is off at the mains is 502', 'ON', { given: fault('unplugged'), ...failed(502) }),
  command('silence is 504 in time', 'ON', { given: fault('silent'), ...failed(504) }),
  command('dribbling is 504 in time', 'OFF', { given: fault('dribble'), ...failed(504) }),
  status('status where the cloud refuses', { given: fault('error'), ...failed(502) }),
  status('status where the cloud says nonsense', { given: fault('garbage'), ...failed(502) }),
  status('status where the cloud is silent', { given: fault('silent'), ...failed(504) }),
  status('status of one that is off at the mains is off', { given: fault('unplugged'), ...says('0') }),
  status('status of one that does nothing is what it is', {
    given: [off, { device: 'machine', fault: 'stuck' }, turned('ON')],
    ...says('0'),
  }),
  command('answers again afterwards', 'ON', { given: [off], ...done, leaves: left(true) }),
  { ...command('query and body are ignored', 'OFF', { given: [on], ...done, leaves: left(false) }), body: '{' },
  { name: 'machine: the stripped path', method: 'GET', path: '/ON', given: [off], ...done, leaves: left(true) },
  { name: 'machine: an escaped letter is that letter', method: 'GET', path: at('%4FFF'), given: [on], ...done },
  { name: 'PUT of a command', method: 'PUT', path: at('ON'), ...notAllowed(/^GET,POST$/u) },
  { name: 'OPTIONS of a command', method: 'OPTIONS', path: at('OFF'), ...notAllowed(/^GET,POST$/u) },
  { name: 'POST of a status', method: 'POST', path: at('STATUS'), ...notAllowed(/^GET,HEAD$/u) },
  { name: 'exact case', method: 'GET', path: at('on'), ...notFound },
  { name: 'a trailing slash', method: 'GET', path: at('ON/'), ...notFound },
  { name: 'another word', method: 'GET', path: at('BREW'), ...notFound },
  { name: 'another path by POST', method: 'POST', path: at(''), ...notFound },
  { name: 'another prefix', method: 'GET', path: '/api/v1/lmz/ON', ...notFound },
  { name: 'the root', method: 'GET', path: '/', ...notFound },
  { name: 'HEAD of nothing', method: 'HEAD', path: at('on'), status: 404, has: { 'content-length': undefined } },
  {
    name: 'malformed percent-encoding',
    method: 'GET',
    path: at('%g0'),
    status: 400,
    says: /^(400 Bad Request)?$/u,
  },
]

/** How it must not start. */
export const lmzStarts: readonly StartRow[] = [
  { name: 'without a key', args: [], env: {}, exit: 1, says: /INSTALLATION_KEY_PATH is not set/u },
  {
    name: 'with a key that is not there',
    args: ['serve'],
    env: { INSTALLATION_KEY_PATH: '/nowhere/key.json' },
    exit: 1,
    says: /\/nowhere\/key.json \(INSTALLATION_KEY_PATH\) cannot be read/u,
  },
  {
    name: 'with a key that is none',
    args: [],
    env: { INSTALLATION_KEY_PATH: '/dev/null' },
    exit: 1,
    says: /\/dev\/null holds no installation key/u,
  },
  {
    name: 'with a cloud that is no URL',
    args: [],
    env: { LMZ_BASE_URL: 'lion' },
    exit: 1,
    says: /LMZ_BASE_URL is "lion", which is no URL/u,
  },
  { name: 'with an unknown level', args: [], env: { LOG_LEVEL: 'loud' }, exit: 2, says: /LOG_LEVEL/u },
]
