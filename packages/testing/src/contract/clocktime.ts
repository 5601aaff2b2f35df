import type { Row, StartRow } from './row.ts'

const time = /^([01]\d|2[0-3])[0-5]\d$/u
const plain = { 'content-type': /^text\/plain; charset=utf-8$/u, 'content-length': /^4$/u }

/** SERVICES 1.4: any method, any path. */
export const clocktimeRows: readonly Row[] = [
  { name: 'GET tells the time', method: 'GET', path: '/api/v0/clocktime/', status: 200, says: time, has: plain },
  { name: 'POST does too', method: 'POST', path: '/api/v0/clocktime/x', status: 200, says: time, has: plain },
  { name: 'DELETE does too', method: 'DELETE', path: '/api/v0/clocktime/a/b', status: 200, says: time },
  { name: 'HEAD tells its length', method: 'HEAD', path: '/api/v0/clocktime/', status: 200, has: plain },
  { name: 'any path', method: 'GET', path: '/', status: 200, says: time },
  { name: 'a query is ignored', method: 'GET', path: '/api/v0/clocktime/?a=b', status: 200, says: time },
  {
    name: 'a body is ignored',
    method: 'PUT',
    path: '/api/v0/clocktime/',
    body: '{"a":',
    headers: { 'Content-Type': 'application/json' },
    status: 200,
    says: time,
  },
  {
    name: 'malformed percent-encoding',
    method: 'GET',
    path: '/api/v0/clocktime/%zz',
    status: 400,
    says: /^(400 Bad Request)?$/u,
  },
]

/** How it must not start. */
export const clocktimeStarts: readonly StartRow[] = [
  {
    name: 'an unknown zone',
    args: [],
    env: { LOCATION: 'Europe/Lisbonn' },
    exit: 2,
    says: /Europe\/Lisbonn.*no timezone/u,
  },
  { name: 'an offset', args: [], env: { LOCATION: '+01:00' }, exit: 2, says: /no timezone/u },
  { name: 'an unknown level', args: [], env: { LOG_LEVEL: 'loud' }, exit: 2, says: /LOG_LEVEL/u },
  { name: 'a port that is none', args: [], env: { PORT: '99999' }, exit: 2, says: /PORT/u },
]
