import { findableKasa, findableKlap, findableSonos, findableWemo } from '@homeslice/simulators'

/** Devices of a house on addresses of this machine, until it is told to end. */
await Promise.all([
  findableKasa({ host: '192.0.2.31', name: 'Porch', mac: '50:c7:bf:00:00:01', model: 'HS100(US)' }),
  findableKlap({ host: '192.0.2.32', name: '', mac: '50:c7:bf:00:00:02', model: 'EP10(US)' }),
  findableWemo({ host: '192.0.2.33', name: 'Lamp', mac: 'ec:1a:59:00:00:01', model: 'Socket' }),
  findableSonos({ host: '192.0.2.34', name: 'Kitchen', mac: '94:9f:3e:00:00:01', model: 'Sonos One' }),
])
process.stdout.write('devices are there\n')
