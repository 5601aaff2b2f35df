import { cloudDoors, machineDoor } from '@homeslice/catalog'
import { type Service, type Simulator, simulatorLimits } from '@homeslice/config'
import { devicePorts, type Ports, single } from './devices.ts'

/** Ports of a simulator's pod, and the port of its Service where a device has one that only root may open. */
type Door = Ports & { readonly insteadOf?: number }

/** Where the simulator of each kind answers. */
export const simulatorDoors: Readonly<Record<Simulator['kind'], readonly Door[]>> = {
  ...devicePorts,
  kasa: [single(9999), { ...single(8080), insteadOf: 80 }],
  lamarzocco: [single(machineDoor.port)],

  git: [single(cloudDoors.git.port)],
  'playlist-page': [single(cloudDoors['playlist-page'].port)],
  todoist: [single(cloudDoors.todoist.port)],
}

/** The control port, where a simulator tells its state and takes faults; no device has it. */
export const controlPort = 8000
const probePort = 9000

/** A simulator as a service of its own, made by the same functions as every other. */
export const simulatorService = ({ service, kind, name, child }: Simulator): Service => {
  const probe = (http: string, periodSeconds: number, failureThreshold: number) => ({
    check: { http, port: probePort },
    periodSeconds,
    timeoutSeconds: 2,
    failureThreshold,
  })
  return {
    name: service,
    image: { ours: 'simulators' },
    args: [kind, name, ...(child === undefined ? [] : [child])],
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
    clouds: [],
    simulate: false,
    egress: { internet: false, to: [] },
    data: {},
    node: {},
    run: { user: 10_001, group: 10_001, writable: [], level: 'restricted' },
  }
}
