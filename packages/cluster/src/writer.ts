import { setTimeout as sleep } from 'node:timers/promises'
import type { Estate } from './applyset.ts'
import type { Connection } from './connection.ts'
import { elect } from './election.ts'
import { failure, type Failure, type Report } from './failure.ts'
import { layGround } from './ground.ts'
import { holderName, holderWords } from './holder.ts'
import { type Lease, readLease, writeLease } from './lease.ts'
import type { Turn, Writer } from './mark.ts'

/** How somebody becomes the writer. */
export type Writing = {
  readonly estate: Estate
  readonly report: Report
  readonly signal?: AbortSignal | undefined
  /** How long a holder may be silent before another takes over, in seconds. @default 15 */
  readonly seconds?: number
  /** @default this process */
  readonly holder?: string
}

/** Whose turn it is to write to an environment, for `isNextAfter`. */
export const turnNow = (connection: Connection, { home, env }: Estate): Promise<Turn | Failure> =>
  readLease(connection, `${home}-${env}`)

/**
 * Does work as the only writer to an environment. Waits while another one works; takes over from one that is dead or
 * silent for too long, whose late writes the server then refuses. The signal that `work` gets is aborted too when the
 * lease is lost.
 */
export const asWriter = async <Result>(
  connection: Connection,
  { estate, report, signal, seconds = 15, holder = holderName() }: Writing,
  work: (writer: Writer, signal: AbortSignal) => Promise<Result>,
): Promise<Result | Failure> => {
  const ready = await layGround(connection)
  if (!ready.ok) return ready
  const lease = await elect(connection, { estate, holder, seconds, report, signal })
  if (!lease.ok) return lease
  const lost = new AbortController()
  const renewal = renew(connection, lease, { seconds, lost })
  try {
    const stop = AbortSignal.any([lost.signal, ...(signal ? [signal] : [])])
    const result = await work(writerOf(connection, lease), stop)
    return lost.signal.aborted ? tookOver(await readLease(connection, lease.name)) : result
  } finally {
    await letGo(connection, await renewal.end(), seconds)
  }
}

type Renewing = { readonly seconds: number; readonly lost: AbortController }

/** Says again and again that the holder lives, until it ends or somebody else holds the lease. */
const renew = (connection: Connection, lease: Lease, { seconds, lost }: Renewing) => {
  const over = new AbortController()
  const run = async (): Promise<Lease> => {
    let current = lease
    for (;;) {
      await sleep((seconds * 1000) / 3, undefined, { signal: over.signal }).catch(() => undefined)
      if (over.signal.aborted) return current
      const renewed = await writeAgain(connection, current, seconds)
      if (renewed === 'lost') {
        lost.abort()
        return current
      }
      // No answer is no loss: the server goes by the token, whatever the time.
      if (renewed.ok) current = renewed
    }
  }
  const running = run()
  return {
    end: (): Promise<Lease> => {
      over.abort()
      return running
    },
  }
}

/** A lease that moved is lost only if somebody else holds it: a write that was tried again may meet its own first try. */
const writeAgain = async (connection: Connection, lease: Lease, seconds: number): Promise<Lease | 'lost' | Failure> => {
  const written = await writeLease(connection, lease, seconds)
  if (written !== 'moved') return written
  const now = await readLease(connection, lease.name)
  return now.ok && (now.holder !== lease.holder || now.token !== lease.token) ? 'lost' : now
}

/** Whoever waits need not wait longer. Where that fails, it does. */
const letGo = async (connection: Connection, lease: Lease, seconds: number): Promise<void> => {
  await writeLease(connection, { ...lease, holder: '' }, seconds)
}

const writerOf = (connection: Connection, { name, holder, token }: Lease): Writer => ({
  mark: `${name}/${token}`,
  isNextAfter: (turn) => turn.holder === '' && turn.token === token - 1,
  confirm: async () => {
    const now = await readLease(connection, name)
    return now.ok && (now.holder !== holder || now.token !== token) ? tookOver(now) : now
  },
})

const tookOver = (now: Lease | Failure): Failure => {
  const who = now.ok && now.holder !== '' ? holderWords(now.holder) : 'another run'
  return failure(
    'refused',
    `${who} took over in the meantime, since this run was silent for too long; what it had not written yet is not done`,
    'run it again once the other one is done',
  )
}
