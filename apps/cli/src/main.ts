import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from '@stricli/core'
import { createApp } from './app.ts'
import type { Context, Streams } from './context.ts'

/** The nearest folder above this program that is a checkout of Homeslice; none in a released command. */
const findCheckout = (folder: string): string | undefined => {
  if (existsSync(join(folder, 'home', 'example.yaml')) && existsSync(join(folder, 'homeslice'))) return folder
  return dirname(folder) === folder ? undefined : findCheckout(dirname(folder))
}

const versionOf = (checkout: string | undefined): string => {
  if (checkout === undefined) return 'unknown'
  const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string }
  return version
}

const interrupt = new AbortController()
// The first Ctrl-C lets the work stop tidily and say what is done; the second one leaves at once.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interrupt.signal.aborted) process.exit(130)
    interrupt.abort(signal)
  })
}
// A reader that went away (`homeslice render | head`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const checkout = findCheckout(import.meta.dirname)
const streams: Streams = { stdout: process.stdout, stderr: process.stderr }
const context: Context = {
  process: streams,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  checkout,
  signal: interrupt.signal,
}
await run(createApp(versionOf(checkout)), process.argv.slice(2), context)
// The library's own codes are negative: wrong words on the command line are ours to name (2), the rest failed (1).
const code = Number(streams.exitCode ?? 0)
process.exitCode = code >= 0 ? code : code <= -4 ? 2 : 1
