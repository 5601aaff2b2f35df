import assert from 'node:assert/strict'
import type { House, HouseDevice, Wiring } from './entry.ts'

/** A house of real things. */
export const house: House = {
  timezone: 'Europe/Lisbon',
  devices: [
    { name: 'porch', kind: 'kasa', address: '192.0.2.20', simulate: false },
    { name: 'tv', kind: 'kasa', address: '192.0.2.22', child: '1', simulate: false },
    { name: 'lamp', kind: 'wemo', address: 'device-lamp.casa-prod-device-lamp.svc', simulate: true },
  ],
  url: 'http://own.casa-prod-own.svc',
  urlOf: (service) => `http://${service}.casa-prod-${service}.svc`,
  needs: [],
  simulate: false,
  clouds: {},
}

/** The same with simulators for all clouds. */
export const simulated: House = {
  ...house,
  simulate: true,
  clouds: {
    git: 'ssh://git@git.test:2222',
    'playlist-page': 'http://page.test:8080',
    todoist: 'http://todo.test:8080',
  },
}

/** A house with these devices alone. */
export const houseWith = (...devices: HouseDevice[]): House => ({ ...house, devices })

/** A file that is wired as text. */
export const textAt = (files: Wiring['files'], path = ''): string => {
  const file = files[path]
  assert(typeof file === 'string', `${path} holds a secret`)
  return file
}
