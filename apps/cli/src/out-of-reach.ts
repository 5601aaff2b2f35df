import type { Environment } from '@homeslice/config'
import type { Outside } from '@homeslice/sandbox'

/** A line for each real device that some service uses and pods cannot reach, with the reason. */
export const outOfReach = (outside: Outside, { devices, services }: Environment): string[] => {
  if (outside.reachable) return []
  const used = new Set(Object.values(services).flatMap((service) => service.devices))
  return Object.values(devices)
    .filter(({ name, simulate }) => !simulate && used.has(name))
    .map(({ name, address }) => `  ${name} (${address}) is out of reach: ${outside.reason}`)
}
