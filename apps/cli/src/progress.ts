import type { Stream } from './context.ts'
import { paint } from './outcome.ts'

/** One step of long work, as plain data; whoever does the work says it, whoever shows it decides how. */
export type ProgressEvent = {
  readonly task: string
  readonly state: 'start' | 'progress' | 'done' | 'failed'
  readonly detail?: string
}

/** Shows long work while it runs. */
export type Progress = {
  readonly report: (event: ProgressEvent) => void
  /** Leaves the screen tidy; to be called however the work ended. */
  readonly stop: () => void
}

type Task = { readonly since: number; detail: string | undefined; saidAt: number }

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const quietMilliseconds = 10_000

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`

/** Drops control characters: a reason may quote what a container printed. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const plain = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f]+/gu, ' ')

const line = (parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join(' ')

/**
 * Progress on a stream: on a terminal one line per running task with its elapsed time, redrawn in place;
 * else a plain line when a task starts, when it has news after ten quiet seconds, and when it ends.
 */
export const createProgress = (stream: Stream, now: () => number = () => performance.now()): Progress => {
  const running = new Map<string, Task>()
  const terminal = stream.isTTY === true
  let drawn = 0
  let frame = 0

  const erase = (): void => {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[0J`)
    drawn = 0
  }
  const draw = (): void => {
    if (!terminal) return
    erase()
    // Some terminals say that they are 0 wide.
    const width = (stream.columns || 80) - 1
    for (const [name, task] of running) {
      const text = line([frames[frame % frames.length], name, task.detail, seconds(now() - task.since)])
      stream.write(`${text.slice(0, width)}\n`)
      drawn += 1
    }
  }
  const timer = terminal ? setInterval(() => ((frame += 1), draw()), 100) : undefined
  timer?.unref()

  const say = (text: string): void => {
    erase()
    stream.write(`${text}\n`)
    draw()
  }
  const begin = (name: string, detail: string | undefined): Task => {
    const task = { since: now(), detail, saidAt: now() }
    running.set(name, task)
    if (terminal) draw()
    else say(line(['·', name, detail]))
    return task
  }
  const finish = (name: string, mark: string, detail: string | undefined): void => {
    const task = running.get(name)
    running.delete(name)
    say(line([mark, name, detail, task && paint(stream, 'dim', seconds(now() - task.since))]))
  }
  const news = (name: string, detail: string | undefined): void => {
    const task = running.get(name) ?? begin(name, detail)
    if (detail === task.detail) return
    task.detail = detail
    if (terminal || now() - task.saidAt < quietMilliseconds) return
    task.saidAt = now()
    say(line(['·', name, detail]))
  }

  return {
    report: ({ task, state, detail }) => {
      const words = detail === undefined ? undefined : plain(detail)
      if (state === 'start') begin(task, words)
      if (state === 'progress') news(task, words)
      if (state === 'done') finish(task, paint(stream, 'green', '✓'), words)
      if (state === 'failed') finish(task, paint(stream, 'red', '✗'), words)
    },
    stop: () => {
      clearInterval(timer)
      erase()
    },
  }
}
