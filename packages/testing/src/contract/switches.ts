import type { DeviceStep, Row, StartRow } from './row.ts'

const at = (id: string, operation: string): string => `/api/v0/switches/${id}/${operation}/`
const ok = {
  status: 200,
  says: 'OK',
  has: { 'content-length': /^2$/u, 'content-type': /^text\/plain; charset=utf-8$/u },
} as const
const empty = (status: number) => ({
  status,
  has: { 'content-length': /^0$/u, 'content-type': undefined, allow: undefined },
})
const failed = (status: number) => ({ status, has: { 'content-length': /^0$/u, 'x-homeslice-reason': /\w{3}/u } })

/** The porch, which is on, goes off. */
const turnsOff = {
  given: [{ device: 'porch', fault: 'none', on: true }],
  ...ok,
  leaves: { device: 'porch', on: false },
} as const satisfies Partial<Row>

/** The same of both kinds of device. */
const deviceRows = (device: DeviceStep['device']): Row[] => {
  const off: DeviceStep = { device, fault: 'none', on: false }
  const on: DeviceStep = { device, fault: 'none', on: true }
  const fault = (name: string): DeviceStep[] => [off, { device, fault: name }]
  const row = (name: string, operation: string, rest: Omit<Row, 'name' | 'method' | 'path'>): Row => ({
    name: `${device}: ${name}`,
    method: 'POST',
    path: at(device, operation),
    ...rest,
  })
  return [
    row('on', 'on', { given: [off], ...ok, leaves: { device, on: true } }),
    row('off', 'off', { given: [on], ...ok, leaves: { device, on: false } }),
    row('on when it is on', 'on', { given: [on], ...ok, leaves: { device, on: true } }),
    row('off when it is off', 'off', { given: [off], ...ok, leaves: { device, on: false } }),
    row('toggle turns on', 'toggle', { given: [off], ...ok, leaves: { device, on: true } }),
    row('toggle turns off', 'toggle', { given: [on], ...ok, leaves: { device, on: false } }),
    row('a slow one is waited for', 'on', { given: fault('slow'), ...ok, leaves: { device, on: true } }),
    row('one that refuses is 502', 'on', { given: fault('error'), ...failed(502), leaves: { device, on: false } }),
    row('one that is off the network is 502', 'on', { given: fault('refuse'), ...failed(502) }),
    row('nonsense is 502', 'on', { given: fault('garbage'), ...failed(502) }),
    row('far too much is 502', 'on', { given: fault('huge'), ...failed(502) }),
    row('one that breaks off is 502', 'on', { given: fault('vanish'), ...failed(502) }),
    row('silence is 504 in time', 'on', { given: fault('silent'), ...failed(504) }),
    row('dribbling is 504 in time', 'off', { given: fault('dribble'), ...failed(504) }),
    row('a toggle of a silent one is 504 in time', 'toggle', { given: fault('silent'), ...failed(504) }),
    {
      name: `${device}: status of one that is on`,
      method: 'GET',
      path: at(device, 'status'),
      given: [on],
      status: 200,
      says: '1',
    },
    {
      name: `${device}: status of one that is off`,
      method: 'GET',
      path: at(device, 'status'),
      given: [off],
      status: 200,
      says: '0',
    },
    {
      name: `${device}: status by its path alone`,
      method: 'GET',
      path: `/api/v0/switches/${device}/`,
      given: [on],
      status: 200,
      says: '1',
    },
    {
      name: `${device}: status of a silent one`,
      method: 'GET',
      path: at(device, 'status'),
      given: fault('silent'),
      ...failed(504),
    },
    {
      name: `${device}: answers again afterwards`,
      method: 'POST',
      path: at(device, 'on'),
      given: [off],
      ...ok,
      leaves: { device, on: true },
    },
  ]
}

/** SERVICES 1.2 with the corrections of section 2. */
export const switchesRows: readonly Row[] = [
  ...deviceRows('porch'),
  ...deviceRows('lamp'),
  {
    name: 'lamp: found again on another port',
    method: 'POST',
    path: at('lamp', 'on'),
    given: [
      { device: 'lamp', fault: 'none', on: false },
      { device: 'lamp', fault: 'moved' },
    ],
    ...ok,
    leaves: { device: 'lamp', on: true },
  },
  {
    name: 'lamp: and back',
    method: 'POST',
    path: at('lamp', 'off'),
    given: [{ device: 'lamp', fault: 'none' }],
    ...ok,
    leaves: { device: 'lamp', on: false },
  },
  { name: 'PUT is 405', method: 'PUT', path: at('porch', 'on'), ...empty(405) },
  { name: 'OPTIONS is 405', method: 'OPTIONS', path: at('porch', 'on'), ...empty(405) },
  {
    name: 'HEAD is 405 and says no length',
    method: 'HEAD',
    path: at('porch', 'status'),
    status: 405,
    has: { 'content-length': undefined },
  },
  { name: 'GET of a command is 405', method: 'GET', path: at('porch', 'on'), ...empty(405) },
  { name: 'GET of the list is 405', method: 'GET', path: '/api/v0/switches/', ...empty(405) },
  { name: 'GET of anything else is 405', method: 'GET', path: '/', ...empty(405) },
  { name: 'GET of an unknown one is 404', method: 'GET', path: at('attic', 'status'), ...empty(404) },
  { name: 'no trailing slash is 400', method: 'POST', path: '/api/v0/switches/porch/on', ...empty(400) },
  { name: 'a part too many is 400', method: 'POST', path: '/api/v0/switches/porch/on/now/', ...empty(400) },
  { name: 'an unknown one is 404', method: 'POST', path: at('attic', 'on'), ...empty(404) },
  { name: 'an unknown one is 404 even with a bad operation', method: 'POST', path: at('attic', 'dim'), ...empty(404) },
  { name: 'exact case of names', method: 'POST', path: at('Porch', 'on'), ...empty(404) },
  { name: 'an unknown operation is 400', method: 'POST', path: at('porch', 'dim'), ...empty(400) },
  { name: 'exact case of operations', method: 'POST', path: at('porch', 'ON'), ...empty(400) },
  {
    name: 'query and body are ignored',
    method: 'POST',
    path: `${at('porch', 'off')}?x=y`,
    body: '{',
    headers: { 'Content-Type': 'application/json' },
    given: [{ device: 'porch', fault: 'none', on: true }],
    ...ok,
    leaves: { device: 'porch', on: false },
  },
  { name: 'the first words are free', method: 'POST', path: '/any/thing/here/porch/off/', ...turnsOff },
  { name: 'anything may stand after the last slash', method: 'POST', path: `${at('porch', 'off')}now`, ...turnsOff },
  {
    name: 'anything may stand after the slash of a status',
    method: 'GET',
    path: `${at('porch', 'status')}now`,
    given: [{ device: 'porch', fault: 'none', on: true }],
    status: 200,
    says: '1',
  },
  { name: 'an escaped slash adds a part', method: 'POST', path: '/api/v0/switches/porch%2Foff/', ...turnsOff },
  { name: 'a doubled slash gives an empty name', method: 'POST', path: '/api/v0/switches//on/', ...empty(404) },
  {
    name: 'malformed percent-encoding',
    method: 'POST',
    path: '/api/v0/switches/%g0/on/',
    status: 400,
    says: /^(400 Bad Request)?$/u,
  },
]

/** How it must not start. */
export const switchesStarts: readonly StartRow[] = [
  { name: 'without a file', args: [], env: {}, exit: 1, says: /usage: switches CONFIG/u },
  { name: 'with two files', args: ['a', 'b'], env: {}, exit: 1, says: /usage/u },
  {
    name: 'with a file that is not there',
    args: ['/nowhere/switches.json'],
    env: {},
    exit: 2,
    says: /\/nowhere\/switches.json cannot be read/u,
  },
  { name: 'with a file that is no JSON', args: ['FILE(not json)'], env: {}, exit: 2, says: /no JSON array/u },
  { name: 'with an object', args: ['FILE({})'], env: {}, exit: 2, says: /no JSON array/u },
  {
    name: 'with an unknown kind',
    args: ['FILE([{"id":"a","kind":"hue/v1","address":"192.0.2.1"}])'],
    env: {},
    exit: 2,
    says: /kind "hue\/v1"; known are/u,
  },
  { name: 'with no id', args: ['FILE([{"kind":"kasa/v1"}])'], env: {}, exit: 2, says: /switch 1 has no id/u },
  {
    name: 'with a bad address',
    args: ['FILE([{"id":"a","kind":"kasa/v1","address":"a b"}])'],
    env: {},
    exit: 2,
    says: /address/u,
  },
  {
    name: 'with a bad port',
    args: ['FILE([{"id":"a","kind":"wemo/v1","address":"192.0.2.1","port":70000}])'],
    env: {},
    exit: 2,
    says: /port/u,
  },
  { name: 'with null', args: ['FILE([null])'], env: {}, exit: 2, says: /switch 1 is no object/u },
]
