import type { DeviceKind } from '@homeslice/config'

/** Ports of a protocol, TCP, as `first` to `last`. */
export type Ports = { readonly first: number; readonly last: number }

/** One port. */
export const single = (port: number): Ports => ({ first: port, last: port })

/** What each kind of device listens on. A La Marzocco machine is reached through its cloud, never on the LAN. */
export const devicePorts: Readonly<Record<DeviceKind, readonly Ports[]>> = {
  // The second for firmware that has closed the first.
  kasa: [single(9999), single(80)],
  // Wemo devices move within these ports when they restart.
  wemo: [{ first: 49_151, last: 49_155 }],
  // In clear, and with TLS where a household has turned the first off.
  sonos: [single(1400), single(1443)],
  lamarzocco: [],
}
