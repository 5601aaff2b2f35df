import { type Estate } from '@homeslice/cluster'
import { newestFirst, ofService, readHistory, type Release, runningOf } from '@homeslice/release'
import { exitOf, type Reached } from '../cluster.ts'
import { failed, type Outcome } from '../outcome.ts'
import { table } from '../table.ts'

/** A kept version as tools read it. */
const documentOf = ({ service, number, time, who, verdict, images, changed, rolledBackTo }: Release) => ({
  service,
  number,
  time,
  who,
  verdict,
  image: images[0] ?? '',
  changed,
  ...(rolledBackTo === undefined ? {} : { rolledBackTo }),
})

/** `homeslice status SERVICE` and `status --versions`: the versions that are kept, the newest first. */
export const versions = async (
  { connection }: Pick<Reached, 'connection'>,
  estate: Estate,
  service: string | undefined,
): Promise<Outcome> => {
  const nothing = { environment: estate.env, versions: [] }
  const read = await readHistory(connection, estate)
  if (!read.ok) return failed(exitOf(read), read, nothing)
  const names = [...new Set(read.history.map((one) => one.service))].toSorted()
  if (service !== undefined && !names.includes(service)) {
    const fix = names.length > 0 ? `there are versions of: ${names.join(', ')}` : 'bring it up first: homeslice up'
    return failed(1, { message: `there is no version of a service "${service}" in ${estate.env}`, fix }, nothing)
  }
  const shown = service === undefined ? names : [service]
  const all = shown.flatMap((name) => newestFirst(ofService(read.history, name)))
  return {
    exit: 0,
    document: { ...nothing, versions: all.map(documentOf) },
    text:
      all.length === 0
        ? `no version of ${estate.home} (${estate.env}) is recorded`
        : shown.map((name) => [name, table(rows(read.history, name))].join('\n')).join('\n'),
  }
}

const rows = (history: readonly Release[], service: string): string[][] => {
  const running = runningOf(history, service)
  return newestFirst(ofService(history, service)).map((one) => [
    `  ${one === running ? '*' : ' '} ${one.number}`,
    one.time.replace(/\.\d+Z$/u, 'Z'),
    one.who,
    one.verdict,
    one.images[0] ?? '-',
    one.changed,
  ])
}
