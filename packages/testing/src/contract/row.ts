/** What a device shall do before a row's request. */
export type DeviceStep = {
  readonly device: 'porch' | 'lamp' | 'den' | 'machine'
  readonly fault?: string
  readonly on?: boolean
  /** Waits until the device is so: some commands are answered before they are carried out. */
  readonly until?: boolean
}

/** A request that comes before a row's own. */
export type RequestStep = { readonly method: string; readonly path: string }

/** One row of the contract. `{id}` in a path is a name that no other row uses. */
export type Row = {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** What happens first, in order. */
  readonly given?: readonly (DeviceStep | RequestStep)[]
  readonly status: number
  /** The exact body, or what it must look like. @default empty */
  readonly says?: string | RegExp
  /** Headers that must be there, or must not (`undefined`). */
  readonly has?: Readonly<Record<string, RegExp | undefined>>
  /** The answer's first byte must come within this time. @default 2500 */
  readonly withinMilliseconds?: number
  /** What the devices must be afterwards, or soon. */
  readonly leaves?: { readonly device: DeviceStep['device']; readonly on: boolean }
}

/** How a program must end when it is started wrongly. `FILE(text)` in an argument is a file that holds the text. */
export type StartRow = {
  readonly name: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly exit: number
  readonly says: RegExp
}
