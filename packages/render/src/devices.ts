import { type Device, type DeviceKind, type Environment, type Service, simulatorLimits } from '@homeslice/config'
import { simulatorOf } from './names.ts'

/** Ports of a device's protocol, TCP, as `first` to `last`. */
export type Ports = { readonly first: number; readonly last: number }

/** What each kind of device listens on. La Marzocco machines are reached through a cloud, never on the LAN. */
export const devicePorts: Readonly<Record<DeviceKind, readonly Ports[]>> = {
  kasa: [{ first: 9999, last: 9999 }],
  // Wemo devices move within these ports when they restart.
  wemo: [{ first: 49_151, last: 49_155 }],
  sonos: [{ first: 1400, last: 1400 }],
  lamarzocco: [],
}

/** The simulated devices that some service of the environment uses. */
export const simulatedDevices = ({ devices, services }: Environment): Device[] => {
  const used = new Set(Object.values(services).flatMap((service) => service.devices))
  return Object.values(devices).filter(({ name, simulate }) => simulate && used.has(name))
}

/** The control port, where a simulator tells its state and takes faults. */
const controlPort = 8000
const probePort = 9000

/** A simulated device as a service of its own, made by the same functions as every other. */
export const simulatorService = ({ name, kind }: Device): Service => {
  const probe = (http: string, periodSeconds: number, failureThreshold: number) => ({
    check: { http, port: probePort },
    periodSeconds,
    timeoutSeconds: 2,
    failureThreshold,
  })
  return {
    name: simulatorOf(name),
    image: { ours: 'simulators' },
    args: [kind, name],
    env: {},
    files: {},
    port: controlPort,
    metricsPort: probePort,
    probes: {
      startup: probe('/readyz', 2, 60),
      readiness: probe('/readyz', 10, 3),
      liveness: probe('/healthz', 10, 3),
    },
    resources: {
      cpu: { request: '10m', limit: simulatorLimits.cpu },
      memory: { request: '48Mi', limit: simulatorLimits.memory },
      storage: { request: '16Mi', limit: '64Mi' },
    },
    routes: [],
    needs: [],
    devices: [],
    egress: { kind: 'none' },
    data: {},
    node: {},
    run: { user: 10_001, group: 10_001, writable: [], level: 'restricted' },
  }
}
