import { cloudDoors, machineDoor } from '@homeslice/catalog'
import { type Service, type Simulator, simulatorLimits } from '@homeslice/config'
import { devicePorts, type Ports, single } from './devices.ts'
import { ownProgram } from './own-program.ts'

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

/**
 * A simulator as a service of its own, made by the same functions as every other. It is told the address at which others
 * find it: a speaker passes its own on to whoever asks for its group.
 */
export const simulatorService = ({ service, kind, name, child }: Simulator, address: string): Service =>
  ownProgram({
    name: service,
    image: 'simulators',
    args: [kind, name, ...(child === undefined ? [] : [child])],
    env: { SIMULATOR_ADDRESS: address },
    port: controlPort,
    cpu: simulatorLimits.cpu,
    memory: { request: '48Mi', limit: simulatorLimits.memory },
  })
