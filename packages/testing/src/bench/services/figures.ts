/** What is measured of a service, in the unit that its name ends with. */
export type Figures = {
  readonly idleMiB: number
  readonly ownMiB: number
  readonly loadedMiB: number
  readonly readyMs: number
  readonly cpuUs: number
  readonly layerKB: number
  readonly stopMs: number
  /** Of a command to a device that is well; nothing where the service drives none. */
  readonly p99Ms?: number
  /** The longest that a dead device kept anybody waiting. */
  readonly deadMs?: number
}

/** Words for people, in the order of the table. */
export const words: Readonly<Record<keyof Figures, string>> = {
  idleMiB: 'idle RSS, MiB',
  ownMiB: 'of it private, MiB',
  loadedMiB: 'RSS after 5,000 requests, MiB',
  readyMs: 'start to ready, ms',
  cpuUs: 'CPU per request, µs',
  p99Ms: 'on/off p99 (simulator), ms',
  deadMs: 'dead device answered, ms',
  stopMs: 'shutdown, ms',
  layerKB: 'compressed app layer, KB',
}

/** What one of our own services may take. */
const usual: Partial<Figures> = {
  idleMiB: 70,
  loadedMiB: 95,
  readyMs: 400,
  cpuUs: 50,
  p99Ms: 300,
  deadMs: 2500,
  stopMs: 5000,
  layerKB: 300,
}

/** Homebridge is other people's program: its own bars are what is promised of its image. */
const ofHomebridge: Partial<Figures> = { idleMiB: 128, loadedMiB: 160, readyMs: 2000, stopMs: 5000, layerKB: 500 }

/** The bars of a service. */
export const budgetOf = (name: string): Partial<Figures> => (name === 'homebridge' ? ofHomebridge : usual)

/** What the originals cost on a machine like this one: Go 1.24, and Python or Node where they were that. */
export const originals: Readonly<Record<string, Partial<Figures> & { readonly image: string }>> = {
  clocktime: { idleMiB: 5.8, ownMiB: 0.8, loadedMiB: 11.6, readyMs: 80, cpuUs: 21.7, image: '6 MB' },
  buttons: { idleMiB: 7.2, image: '7 MB' },
  switches: { idleMiB: 7, deadMs: Number.POSITIVE_INFINITY, image: '7 MB' },
  sonos: { idleMiB: 8.3, deadMs: Number.POSITIVE_INFINITY, image: '8 MB' },
  lmz: { idleMiB: 35, image: 'about 1 GB, not compressed' },
  homebridge: { idleMiB: 112, image: 'npm packages of 163 MB, not compressed' },
}
