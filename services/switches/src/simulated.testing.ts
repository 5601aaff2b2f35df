import { type Fault, type KasaOptions, type Simulator, startKasa, startWemo } from '@homeslice/simulators'
import type { DeviceStep, Target } from '@homeslice/testing/contract'

/** The two devices of the contract's rows, on addresses of a test file's own. */
export type SimulatedDevices = Pick<Target, 'device' | 'stateOf'> & {
  readonly porch: Simulator
  readonly lamp: Simulator
  readonly stop: () => Promise<void>
}

/** Starts a Kasa plug and a Wemo socket on these loopback addresses, with their usual ports. */
export const startDevices = async (
  addresses: { readonly porch: string; readonly lamp: string },
  porch: Partial<KasaOptions> = {},
): Promise<SimulatedDevices> => {
  const devices = {
    porch: await startKasa({ name: 'porch', host: addresses.porch, ...porch }),
    lamp: await startWemo({ name: 'lamp', host: addresses.lamp }),
  }
  const named = (device: DeviceStep['device']): Simulator => (device === 'lamp' ? devices.lamp : devices.porch)
  return {
    ...devices,
    device: async ({ device, fault, on }: DeviceStep) => {
      if (fault !== undefined) await named(device).setFault(fault as Fault)
      if (on !== undefined) named(device).setOn(on)
    },
    stateOf: (device) => Promise.resolve(named(device).state().on),
    stop: async () => {
      await Promise.all([devices.porch.stop(), devices.lamp.stop()])
    },
  }
}
