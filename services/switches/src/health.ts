import type { Result } from '@homeslice/devices'
import { counter, gauge, type Metrics } from '@homeslice/service-kit'

/** What is known of each device by how its commands ended. */
export type Health = {
  readonly note: (id: string, operation: string, result: Result<boolean>) => void
  /** The sentence of every device that is in trouble. */
  readonly trouble: () => Readonly<Record<string, string>>
}

/** Follows the commands to devices: counters for all of them, and what stands in the way of each right now. */
export const createHealth = ({ registry }: Pick<Metrics, 'registry'>): Health => {
  const commands = counter(registry, 'homeslice_device_commands_total', 'Commands to devices by how they ended.', [
    'device',
    'operation',
    'result',
  ])
  const failures = counter(registry, 'homeslice_device_failures_total', 'Failed commands by what stood in the way.', [
    'device',
    'trouble',
  ])
  const answers = gauge(registry, 'homeslice_device_answers', '1 if the device answered the last command, else 0.', [
    'device',
  ])
  const standing = gauge(registry, 'homeslice_device_trouble', '1 for what stands in the way of a device now.', [
    'device',
    'trouble',
  ])
  const now = new Map<string, { readonly trouble: string; readonly reason: string }>()
  const clear = (device: string): void => {
    const before = now.get(device)
    if (before !== undefined) standing.remove({ device, trouble: before.trouble })
    now.delete(device)
  }
  return {
    note: (device, operation, result) => {
      commands.inc({ device, operation, result: result.ok ? 'ok' : result.kind })
      answers.set({ device }, result.ok ? 1 : 0)
      clear(device)
      if (result.ok) return
      const trouble = result.trouble ?? result.kind
      failures.inc({ device, trouble })
      standing.set({ device, trouble }, 1)
      now.set(device, { trouble, reason: result.reason })
    },
    trouble: () => Object.fromEntries([...now].map(([device, { reason }]) => [device, reason])),
  }
}
