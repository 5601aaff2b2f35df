import { buttonsRows } from './buttons.ts'
import { checkRow, type Target } from './check.ts'
import { chimeRows } from './chime.ts'
import { clocktimeRows } from './clocktime.ts'
import { gatewayException } from './gateway.ts'
import { lmzRows } from './lmz.ts'
import type { Row } from './row.ts'
import { sonosRows } from './sonos.ts'
import { switchesRows } from './switches.ts'

/** The services that the suite knows, with their public prefixes and every row. */
export const suite = {
  clocktime: { prefixes: ['/api/v0/clocktime/'], rows: clocktimeRows },
  buttons: { prefixes: ['/api/v0/buttons/', '/api/v0/buttontimes/'], rows: buttonsRows },
  chime: { prefixes: ['/api/v0/chime/'], rows: chimeRows },
  lmz: { prefixes: ['/api/v0/lmz/'], rows: lmzRows },
  sonos: { prefixes: ['/api/v0/sonos/'], rows: sonosRows },
  switches: { prefixes: ['/api/v0/switches/'], rows: switchesRows },
} as const

/** A service that the suite knows. */
export type Suited = keyof typeof suite

/** What became of each row, by its name: all that is not as it says. */
export type Checked = ReadonlyMap<string, readonly string[]>

const lanes = ['porch', 'lamp', 'machine'] as const

/** Checks rows in order; those of one device run beside those of another, since most of the time is waiting. */
export const checkRows = async (target: Target, rows: readonly Row[]): Promise<Checked> => {
  const byDevice = Map.groupBy(rows, (row) => lanes.find((device) => JSON.stringify(row).includes(device)))
  const checked = new Map<string, string[]>()
  const inOrder = async (lane: readonly Row[]): Promise<void> => {
    for (const row of lane) checked.set(row.name, await checkRow(target, row))
  }
  await Promise.all([...byDevice.values()].map(inOrder))
  return checked
}

/** A way to a service. */
export type Way = {
  /** Straight at its port, or through the gateway of a home. */
  readonly via: 'port' | 'gateway'
  /** Whether its devices do what they are told, as simulated ones do. @default true */
  readonly devices?: boolean
}

/** How a service kept its contract on one way to it. */
export type Outcome = {
  readonly total: number
  readonly kept: number
  /** Rows that cannot be asked on this way, with the reason seen. */
  readonly exceptions: readonly { readonly row: string; readonly reason: string }[]
  /** What was not as it should be. */
  readonly wrong: readonly string[]
  /** "buttons through the gateway: 20 of 27 rows kept, 7 cannot be asked there". */
  readonly line: string
}

/** Checks every row of a service that can be asked on this way to it. */
export const runContract = async (service: Suited, target: Target, way: Way): Promise<Outcome> => {
  const { rows, prefixes } = suite[service]
  const exceptions = rows.flatMap((row) => {
    const reason = exceptionOf(row, prefixes, way)
    return reason === undefined ? [] : [{ row: row.name, reason }]
  })
  const excepted = new Set(exceptions.map(({ row }) => row))
  const checked = await checkRows(
    target,
    rows.filter(({ name }) => !excepted.has(name)),
  )
  const failed = [...checked].filter(([, wrong]) => wrong.length > 0)
  const kept = checked.size - failed.length
  const rest = exceptions.length === 0 ? '' : `, ${exceptions.length} cannot be asked there`
  return {
    total: rows.length,
    kept,
    exceptions,
    wrong: failed.map(([name, wrong]) => `${name}: ${wrong.join('; ')}`),
    line: `${service} ${way.via === 'port' ? 'at its port' : 'through the gateway'}: ${kept} of ${rows.length} rows kept${rest}`,
  }
}

const exceptionOf = (row: Row, prefixes: readonly string[], { via, devices = true }: Way): string | undefined => {
  const asks = row.leaves !== undefined || row.given?.some((step) => 'device' in step) === true
  if (asks && !devices) return 'nobody tells its devices what to do'
  return via === 'gateway' ? gatewayException(row, prefixes) : undefined
}
