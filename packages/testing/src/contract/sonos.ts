import type { DeviceStep, RequestStep, Row, StartRow } from './row.ts'

const at = (id: string, operation: string): string => `/api/v0/sonos/curations/${id}/${operation}`
const said = (body: string) => ({
  status: 200,
  says: body,
  has: { 'content-length': /^\d+$/u, 'content-type': /^text\/plain; charset=utf-8$/u },
})
const failed = { status: 500, has: { 'content-length': /^0$/u, 'x-homeslice-reason': /\w{3}/u } } as const
const bad = { status: 400, has: { 'content-length': /^0$/u, allow: undefined } } as const
const notFound = { status: 404, says: '404 page not found\n' } as const
const notAllowed = (methods: string) => ({
  status: 405,
  says: 'Method Not Allowed\n',
  has: { allow: new RegExp(`^${methods}$`, 'u') },
})

const well: DeviceStep = { device: 'den', fault: 'none' }
const quiet: DeviceStep = { device: 'den', fault: 'none', on: false }
const fault = (name: string): DeviceStep[] => [quiet, { device: 'den', fault: name }]
const paused: RequestStep = { method: 'POST', path: at('groove', 'pause') }
/** The music that a play leaves behind. */
const plays = (id: string): (DeviceStep | RequestStep)[] => [
  well,
  paused,
  { method: 'POST', path: at(id, 'play') },
  { device: 'den', until: true },
]

const failing = (name: string, how: string, operation: string): Row => ({
  name: `${operation} on a speaker that ${name}`,
  method: 'POST',
  path: at('groove', operation),
  given: fault(how),
  ...failed,
})

/** SERVICES 1.6 with the corrections of 1.11 and section 2. The speaker is `den`, the station `groove`, the playlist `dinner`. */
export const sonosRows: readonly Row[] = [
  ...['groove', 'dinner'].flatMap((id): Row[] => [
    {
      name: `${id}: play`,
      method: 'POST',
      path: at(id, 'play'),
      given: [quiet, paused],
      ...said('1'),
      leaves: { device: 'den', on: true },
    },
    { name: `${id}: status when it plays`, method: 'GET', path: at(id, 'status'), given: plays(id), ...said('1') },
    { name: `${id}: status by POST`, method: 'POST', path: at(id, 'status'), given: plays(id), ...said('1') },
    {
      name: `${id}: play when it plays`,
      method: 'POST',
      path: at(id, 'play'),
      given: plays(id),
      ...said('1'),
      leaves: { device: 'den', on: true },
    },
    {
      name: `${id}: status right after pause`,
      method: 'GET',
      path: at(id, 'status'),
      given: [...plays(id), { method: 'GET', path: at(id, 'status') }, paused],
      ...said('0'),
    },
    {
      name: `${id}: play right after pause`,
      method: 'POST',
      path: at(id, 'play'),
      given: [...plays(id), { method: 'GET', path: at(id, 'status') }, paused],
      ...said('1'),
      leaves: { device: 'den', on: true },
    },
    {
      name: `${id}: pause`,
      method: 'POST',
      path: at(id, 'pause'),
      given: plays(id),
      ...said('1'),
      leaves: { device: 'den', on: false },
    },
  ]),
  {
    name: 'status of one that does not play',
    method: 'GET',
    path: at('dinner', 'status'),
    given: plays('groove'),
    ...said('0'),
  },
  {
    name: 'a station while the queue plays',
    method: 'GET',
    path: at('groove', 'status'),
    given: plays('dinner'),
    ...said('0'),
  },
  {
    name: 'pause stops what another one plays',
    method: 'POST',
    path: at('dinner', 'pause'),
    given: plays('groove'),
    ...said('1'),
    leaves: { device: 'den', on: false },
  },
  {
    name: 'ids and operations in any case',
    method: 'POST',
    path: at('GROOVE', 'Play'),
    given: plays('groove'),
    ...said('1'),
  },
  {
    name: 'query and body are ignored',
    method: 'POST',
    path: `${at('groove', 'status')}?x=y`,
    body: '{',
    given: plays('groove'),
    ...said('1'),
  },
  {
    name: 'without its public prefix',
    method: 'POST',
    path: '/curations/groove/status',
    given: plays('groove'),
    ...said('1'),
  },
  {
    name: 'what became of it, for people',
    method: 'GET',
    path: '/api/v0/sonos/curations/groove',
    given: plays('groove'),
    status: 200,
    says: /^\{"id":"groove","kind":"station","name":"Groove Salad","at":"[^"]+","steps":\[\{.*"step":"clear","ok":true/u,
    has: { 'content-type': /^application\/json$/u },
  },
  { ...failing('says no', 'error', 'play') },
  { ...failing('is not there', 'refuse', 'play') },
  { ...failing('speaks nonsense', 'garbage', 'play') },
  { ...failing('sends far too much', 'huge', 'play') },
  { ...failing('breaks off', 'vanish', 'play') },
  { ...failing('is silent', 'silent', 'play') },
  { ...failing('dribbles', 'dribble', 'play') },
  {
    ...failing('has UPnP off', 'forbidden', 'play'),
    has: { 'content-length': /^0$/u, 'x-homeslice-reason': /turn UPnP on in the Sonos app, Account > Privacy and/u },
  },
  { ...failing('says no', 'error', 'pause') },
  { ...failing('is silent', 'silent', 'pause') },
  { ...failing('is not there', 'refuse', 'status') },
  { ...failing('is silent', 'silent', 'status') },
  {
    name: 'pause of a slow speaker is waited for',
    method: 'POST',
    path: at('groove', 'pause'),
    given: [...plays('groove'), { device: 'den', fault: 'slow' }],
    ...said('1'),
    leaves: { device: 'den', on: false },
  },
  {
    name: 'and it plays again afterwards',
    method: 'POST',
    path: at('groove', 'play'),
    given: [quiet],
    ...said('1'),
    leaves: { device: 'den', on: true },
  },
  { name: 'an unknown id is 400', method: 'POST', path: at('attic', 'play'), ...bad },
  { name: 'status of an unknown id is 400', method: 'GET', path: at('attic', 'status'), ...bad },
  { name: 'an id that cannot be one is 400', method: 'POST', path: at('a.b', 'play'), ...bad },
  { name: 'an escaped slash is part of an id', method: 'POST', path: at('a%2Fb', 'play'), ...bad },
  { name: 'an unknown operation is 400', method: 'POST', path: at('groove', 'stop'), ...bad },
  { name: 'GET of play is 405', method: 'GET', path: at('groove', 'play'), ...notAllowed('POST') },
  { name: 'GET of STATUS is 405', method: 'GET', path: at('groove', 'STATUS'), ...notAllowed('POST') },
  { name: 'PUT of status is 405', method: 'PUT', path: at('groove', 'status'), ...notAllowed('GET, HEAD, POST') },
  { name: 'DELETE of pause is 405', method: 'DELETE', path: at('groove', 'pause'), ...notAllowed('POST') },
  { name: 'HEAD of play is 405', method: 'HEAD', path: at('groove', 'play'), ...notAllowed('POST'), says: '' },
  {
    name: 'HEAD of status is 400 and says no length',
    method: 'HEAD',
    path: at('groove', 'status'),
    status: 400,
    has: { 'content-length': undefined },
  },
  { name: 'a trailing slash is 404', method: 'POST', path: `${at('groove', 'play')}/`, ...notFound },
  { name: 'no operation is 404', method: 'POST', path: at('groove', ''), ...notFound },
  { name: 'one part too many is 404', method: 'POST', path: at('groove', 'play/now'), ...notFound },
  { name: 'the list is 404', method: 'GET', path: '/api/v0/sonos/curations', ...notFound },
  { name: 'an unknown curation is 404 for people', method: 'GET', path: '/api/v0/sonos/curations/attic', ...notFound },
  { name: 'a curation is 404 but for GET', method: 'POST', path: '/api/v0/sonos/curations/groove', ...notFound },
  { name: 'any other path is 404', method: 'GET', path: '/', ...notFound },
  {
    name: 'doubled slashes are redirected, with the query',
    method: 'POST',
    path: '//curations//groove/play?x=//y',
    status: 301,
    has: { location: /^\/curations\/groove\/play\?x=\/\/y$/u },
  },
  {
    name: 'dots are redirected',
    method: 'GET',
    path: '/api/v0/sonos/curations/x/../groove/./status',
    status: 301,
    has: { location: /^\/api\/v0\/sonos\/curations\/groove\/status$/u },
  },
  {
    name: 'no redirect leads to another host',
    method: 'GET',
    path: '//\\evil.example/',
    status: 301,
    has: { location: /^\/%5Cevil\.example\/$/u },
  },
  {
    name: 'malformed percent-encoding',
    method: 'POST',
    path: at('%g0', 'play'),
    status: 400,
    says: /^(400 Bad Request)?$/u,
  },
]

/** How it must not start. */
export const sonosStarts: readonly StartRow[] = [
  { name: 'without a command', args: [], env: { CONFIG_PATH: '/nowhere' }, exit: 1, says: /usage: sonos serve/u },
  { name: 'with another command', args: ['sing'], env: {}, exit: 1, says: /usage/u },
  { name: 'with an unknown flag', args: ['serve', '--loud'], env: {}, exit: 1, says: /usage/u },
  { name: 'without a config', args: ['serve'], env: {}, exit: 1, says: /--config FILE, or set CONFIG_PATH/u },
  {
    name: 'with a port that is none',
    args: ['s', '--port', 'x'],
    env: { CONFIG_PATH: '/a' },
    exit: 1,
    says: /no port/u,
  },
  {
    name: 'with a file that is not there',
    args: ['serve', '--config', '/nowhere/sonos.yaml'],
    env: {},
    exit: 1,
    says: /\/nowhere\/sonos.yaml cannot be read/u,
  },
  {
    name: 'with a file that is no YAML',
    args: ['serve', '--config', 'FILE({)'],
    env: {},
    exit: 1,
    says: /cannot be read/u,
  },
  { name: 'with a list', args: ['serve', '--config', 'FILE([])'], env: {}, exit: 1, says: /holds no settings/u },
  { name: 'without a coordinator', args: ['serve', '--config', 'FILE({})'], env: {}, exit: 1, says: /coordinator/u },
  {
    name: 'with a playlist of another service',
    args: ['serve', '--config', 'FILE({"coordinator":"192.0.2.1","playlists":[{"id":"a","share_link":"https://x"}]})'],
    env: {},
    exit: 1,
    says: /playlist 1 \("a"\) has no share_link that starts with https:\/\/music\.apple\.com\//u,
  },
]
