import { type ChildProcess, spawn } from 'node:child_process'
import { request } from 'node:http'
import { StringDecoder } from 'node:string_decoder'

/**
 * Runs in every process before its program: the channel to its parent closes when that dies, however it died, and then
 * the program ends too, as when it is told to; one that does not is ended.
 */
const leash = `data:text/javascript,${encodeURIComponent(
  [
    "process.on('disconnect', () => {",
    '  setTimeout(() => process.exit(1), 5000).unref()',
    "  process.kill(process.pid, 'SIGTERM')",
    '})',
    // Nobody sends anything: a program that has nothing else to do shall end.
    'process.channel.unref()',
  ].join('\n'),
)}`

/** The longest line that is shown whole, in characters. */
const longestLine = 8192

/** How a process is started. */
export type Start = {
  readonly entry: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** The port on loopback where a debugger may attach. @default none */
  readonly inspect?: number | undefined
  readonly onLine: (line: string, from: 'stdout' | 'stderr') => void
  /** Called once, when it has ended and all that it printed was told: how, and whether it did what it was for. */
  readonly onEnd: (how: string, isWell: boolean) => void
}

/** Starts one program of ours with this Node. */
export const startProcess = ({ entry, args, env, inspect, onLine, onEnd }: Start): ChildProcess => {
  const options = [
    '--disable-warning=ExperimentalWarning',
    '--import',
    leash,
    ...(inspect === undefined ? [] : [`--inspect=127.0.0.1:${inspect}`]),
  ]
  const child = spawn(process.execPath, [...options, entry, ...args], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  for (const from of ['stdout', 'stderr'] as const) splitLines(child[from], (line) => onLine(line, from))
  let why = ''
  child.on('error', (error) => (why = error.message))
  child.on('close', (code, signal) => {
    const how = signal === null ? `it ended with ${code}` : `${signal} ended it`
    onEnd(why || how, why === '' && code === 0)
  })
  return child
}

const splitLines = (stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void => {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const tell = (line: string): void => {
    if (line !== '') onLine(line.slice(0, longestLine))
  }
  stream?.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(tell)
    if (rest.length < longestLine) return
    tell(rest)
    rest = ''
  })
  stream?.on('end', () => tell(rest + decoder.end()))
}

/** Tells a process to end, and ends it if it has not within the time, in milliseconds. */
export const endProcess = async (child: ChildProcess, patience: number): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), patience)
  await ended
  clearTimeout(timer)
}

/** Whether `/readyz` answers 200 there. */
export const isReady = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request({ host, port, path: '/readyz', agent: false, timeout: 1000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(false))
    asked.end()
  })
