import { newInstallationKey, parseInstallationKey } from '@homeslice/devices'
import { type Fault, type MachineSimulator, startLaMarzocco } from '@homeslice/simulators'
import type { DeviceStep, Target } from '@homeslice/testing/contract'

/** The machine of the contract's rows behind its cloud, on an address of a test file's own. */
export type SimulatedMachine = Pick<Target, 'device' | 'stateOf'> & {
  readonly simulator: MachineSimulator
  readonly base: string
  readonly account: { readonly user: string; readonly password: string }
  readonly serial: string
  readonly stop: () => Promise<void>
}

/** Starts the cloud on this loopback address. */
export const startMachine = async (host: string): Promise<SimulatedMachine> => {
  const account = { user: 'casa@example.com', password: 'a b:c' }
  const serial = 'MR012345'
  const simulator = await startLaMarzocco({ name: 'machine', host, account, serial })
  return {
    simulator,
    base: `http://${host}:8080/api/customer-app`,
    account,
    serial,
    device: async ({ fault, on }: DeviceStep) => {
      if (fault !== undefined) await simulator.setFault(fault as Fault)
      if (on !== undefined) simulator.setOn(on)
    },
    stateOf: () => Promise.resolve(simulator.state().on),
    stop: simulator.stop,
  }
}

/** A key that the cloud does not know yet. */
export const freshKey = () => {
  const key = parseInstallationKey(newInstallationKey())
  if (!key.ok) throw new Error(key.reason)
  return key.value
}
