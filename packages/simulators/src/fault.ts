/** Ways in which real devices fail; a simulator does the same on demand. */
export const faults = [
  'none',
  /** Nobody listens: firmware that closed its port, or a device that is off. */
  'refuse',
  /** Accepts and never answers. */
  'silent',
  /** Answers bytes that mean nothing. */
  'garbage',
  /** Announces or sends far more than it should. */
  'huge',
  /** Answers one byte at a time, for ever. */
  'dribble',
  /** Hangs up in the middle of its answer. */
  'vanish',
  /** Answers after 1.5 s. */
  'slow',
  /** Says no. */
  'error',
  /** Answers well, and does nothing. */
  'stuck',
  /** Listens on another of its ports (Wemo). */
  'moved',
  /** Its app has local control turned off: Sonos and KLAP answer 403, the legacy Kasa protocol closes its port. */
  'forbidden',
  /** Has closed this way for good: 410 (a cloud whose API has changed). */
  'gone',
  /** Does not take the token: 401 (Todoist). */
  'unauthorised',
  /** Has been asked too often: 429 (Todoist). */
  'limited',
  /** Turns every call away with 403 (a cloud that is asked too often). */
  'burst',
  /** The device behind a cloud is off at the mains: the cloud answers, and knows it. */
  'unplugged',
] as const

/** One way to fail, or `none`. */
export type Fault = (typeof faults)[number]

/** A simulated device that runs. */
export type Simulator = {
  /** What the device would tell of itself. */
  readonly state: () => {
    readonly kind: string
    readonly name: string
    readonly on: boolean
    readonly port: number
    readonly fault: Fault
    readonly calls: number
  }
  readonly setOn: (on: boolean) => void
  readonly setFault: (fault: Fault) => Promise<void>
  readonly stop: () => Promise<void>
}

/** Where a simulator listens and what it is called. */
export type Place = {
  readonly name: string
  /** @default all interfaces */
  readonly host?: string
  /** @default the device's own */
  readonly port?: number
}

/** How long a slow device takes. */
export const slowMilliseconds = 1500
