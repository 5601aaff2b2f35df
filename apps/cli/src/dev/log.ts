import type { Stream } from '../context.ts'
import { paint } from '../outcome.ts'

type Colour = 'cyan' | 'green' | 'magenta' | 'blue' | 'yellow' | 'cyanBright' | 'greenBright' | 'magentaBright'

const colours: readonly Colour[] = [
  'cyan',
  'green',
  'magenta',
  'blue',
  'yellow',
  'cyanBright',
  'greenBright',
  'magentaBright',
]

const levels: Readonly<Record<string, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

/** A line as people read it, before it has colours. */
export type LogLine = { readonly level: string; readonly text: string }

/** Keys that every line has, or that the columns show already. */
const known = new Set(['level', 'time', 'service', 'msg', 'pid', 'hostname', 'request'])

/** What a process printed: the JSON of our services as words, anything else as it is; errors of plain programs by where they came from. */
export const readLine = (line: string, from: 'stdout' | 'stderr'): LogLine => {
  const data = groupOf(line)
  if (data === undefined) return { level: from === 'stderr' ? 'error' : 'info', text: plain(line) }
  const message = typeof data.msg === 'string' ? [data.msg] : []
  const rest = Object.entries(data).filter(
    ([key, value]) => !known.has(key) && !(key === 'name' && value === data.service),
  )
  const text = [...message, ...rest.map(([key, value]) => `${key}=${words(value)}`)].join(' ')
  return { level: levels[String(data.level)] ?? 'info', text: plain(text) }
}

const groupOf = (line: string): Readonly<Record<string, unknown>> | undefined => {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}

const words = (value: unknown): string => {
  if (typeof value === 'number') return String(Math.round(value * 10_000) / 10_000)
  if (typeof value === 'string') return /^[\w./:+-]+$/u.test(value) ? value : JSON.stringify(value)
  if (typeof value === 'object' && value !== null && 'stack' in value) return String(value.stack)
  return JSON.stringify(value)
}

/** Drops what could move the cursor or colour the terminal: a program may print what strangers sent it. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const plain = (text: string): string => text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]+/gu, ' ').trimEnd()

/** One log of all programs: time, name, level, what they say. */
export const createLog = (stream: Stream, expected: readonly string[], now: () => Date = () => new Date()) => {
  const names = new Map<string, Colour>()
  let width = 0
  const colourOf = (name: string): Colour => {
    const colour = names.get(name) ?? colours[names.size % colours.length] ?? 'cyan'
    names.set(name, colour)
    width = Math.max(width, name.length)
    return colour
  }
  expected.forEach(colourOf)
  return (name: string, { level, text }: LogLine): void => {
    const colour = colourOf(name)
    const time = paint(stream, 'dim', now().toTimeString().slice(0, 8))
    const word = level.padEnd(5)
    const shown = { warn: 'yellow', error: 'red', fatal: 'red', debug: 'dim', trace: 'dim' } as const
    const style = Object.hasOwn(shown, level) ? shown[level as keyof typeof shown] : undefined
    const marked = style === undefined ? word : paint(stream, style, word)
    for (const line of text.split('\n')) {
      stream.write(`${time} ${paint(stream, colour, name.padEnd(width))} ${marked} ${line}\n`)
    }
  }
}
