import type { Result } from './switch.ts'

/** What a coffee machine was seen to be. */
export type MachineState = {
  readonly on: boolean
  /** One sentence where nothing can be asked of it, as when its main switch is off. @default it listens */
  readonly trouble?: string
}

/** A coffee machine that is on or stands by. Each call ends by the time its signal does. */
export type Machine = {
  /** Good once the command is accepted: the machine itself follows some moments later. */
  readonly set: (on: boolean, deadline: AbortSignal) => Promise<Result<boolean>>
  readonly read: (deadline: AbortSignal) => Promise<Result<MachineState>>
}
