import type { Row, StartRow } from './row.ts'

const sound = '/api/v0/chime/gong.mp3'
const mp3 = { 'content-type': /^audio\/mpeg$/u, 'accept-ranges': /^bytes$/u, 'last-modified': /GMT$/u }
const whole = {
  status: 200,
  says: '0123456789',
  has: { ...mp3, 'content-length': /^10$/u, 'content-range': undefined },
}
const part = (says: string, range: string) => ({
  status: 206,
  says,
  has: {
    ...mp3,
    'content-length': new RegExp(`^${says.length}$`, 'u'),
    'content-range': new RegExp(`^${range}$`, 'u'),
  },
})
const none = (status: number) => ({ status, has: { 'content-length': /^0$/u, 'content-type': undefined } })
const get = (name: string, range: string | undefined, rest: Omit<Row, 'name' | 'method' | 'path'>): Row => ({
  name,
  method: 'GET',
  path: sound,
  ...(range === undefined ? {} : { headers: { Range: range } }),
  ...rest,
})

/** `chime serve-sounds`: the folder holds `gong.mp3`, the ten digits, and `secret.txt`. */
export const chimeRows: readonly Row[] = [
  get('a sound', undefined, whole),
  { name: 'without its public prefix', method: 'GET', path: '/gong.mp3', ...whole },
  { name: 'with a query', method: 'GET', path: `${sound}?x=/y`, ...whole },
  { name: 'an escaped name', method: 'GET', path: '/api/v0/chime/%67ong.mp3', ...whole },
  { name: 'HEAD of a sound', method: 'HEAD', path: sound, ...whole, says: '' },
  get('the beginning', 'bytes=0-2', part('012', 'bytes 0-2/10')),
  get('the middle', 'bytes=3-5', part('345', 'bytes 3-5/10')),
  get('from the middle on', 'bytes=7-', part('789', 'bytes 7-9/10')),
  get('the end', 'bytes=-2', part('89', 'bytes 8-9/10')),
  get('more than there is', 'bytes=8-99', part('89', 'bytes 8-9/10')),
  get('an end longer than all', 'bytes=-99', part('0123456789', 'bytes 0-9/10')),
  { ...get('HEAD of a part', 'bytes=0-2', part('012', 'bytes 0-2/10')), method: 'HEAD', says: '' },
  get('what comes after the end', 'bytes=10-', { ...none(416), has: { 'content-range': /^bytes \*\/10$/u } }),
  get('nothing of the end', 'bytes=-0', { ...none(416), has: { 'content-range': /^bytes \*\/10$/u } }),
  get('several parts are the whole', 'bytes=0-1,3-4', whole),
  get('a part in other units is the whole', 'seconds=0-1', whole),
  get('a part that ends before it begins is the whole', 'bytes=5-3', whole),
  {
    ...get('a part of what may have changed is the whole', undefined, whole),
    headers: { Range: 'bytes=0-2', 'If-Range': '"x"' },
  },
  { name: 'a sound that is not there', method: 'GET', path: '/api/v0/chime/other.mp3', ...none(404) },
  { name: 'a file that is no sound', method: 'GET', path: '/api/v0/chime/secret.txt', ...none(404) },
  { name: 'a folder that is called like a sound', method: 'GET', path: '/api/v0/chime/folder.mp3', ...none(404) },
  { name: 'a link that leads out of the folder', method: 'GET', path: '/api/v0/chime/link.mp3', ...none(404) },
  { name: 'the list', method: 'GET', path: '/api/v0/chime/', ...none(404) },
  { name: 'a path out of the folder', method: 'GET', path: '/api/v0/chime/../gong.mp3', ...none(404) },
  { name: 'an escaped path out of the folder', method: 'GET', path: '/api/v0/chime/..%2Fgong.mp3', ...none(404) },
  { name: 'malformed percent-encoding', method: 'GET', path: '/api/v0/chime/%g0.mp3', ...none(404) },
  {
    name: 'another method',
    method: 'POST',
    path: sound,
    status: 405,
    has: { allow: /^GET, HEAD$/u, 'content-length': /^0$/u },
  },
]

/** How it must not start. */
export const chimeStarts: readonly StartRow[] = [
  { name: 'without words', args: [], env: {}, exit: 2, says: /^chime: usage: chime ZONE_ADDRESS TITLE URI/u },
  { name: 'with two words', args: ['192.0.2.1', 'Gong'], env: {}, exit: 2, says: /usage/u },
  { name: 'with four words', args: ['192.0.2.1', 'Gong', 'http://x', 'y'], env: {}, exit: 2, says: /usage/u },
  { name: 'with an unknown flag', args: ['192.0.2.1', 'Gong', 'http://x', '--loud'], env: {}, exit: 2, says: /usage/u },
  { name: 'with no address', args: ['a b', 'Gong', 'http://x'], env: {}, exit: 2, says: /"a b" is no address/u },
  {
    name: 'with a volume that is none',
    args: ['192.0.2.1', 'Gong', 'http://x', '--player-volume', 'loud'],
    env: {},
    exit: 2,
    says: /--player-volume must be a whole number from 0 to 100/u,
  },
  {
    name: 'with too much of it',
    args: ['192.0.2.1', 'Gong', 'http://x', '--player-volume=101'],
    env: {},
    exit: 2,
    says: /--player-volume/u,
  },
  {
    name: 'with a limit that is none',
    args: ['192.0.2.1', 'Gong', 'http://x', '--limit-seconds=-1'],
    env: {},
    exit: 2,
    says: /--limit-seconds/u,
  },
  { name: 'with no speaker there', args: ['127.0.7.99', 'Gong', 'http://x'], env: {}, exit: 1, says: /^$/u },
]
