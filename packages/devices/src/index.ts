export { kasaSwitch } from './kasa/client.ts'
export { queued, type QueuedSwitch } from './queue.ts'
export type { Result, Switch } from './switch.ts'
export { wemoSwitch } from './wemo/client.ts'
