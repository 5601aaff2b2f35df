import { parseArgs } from 'node:util'
import type { CannotStart, Start } from '@homeslice/service-kit'

/** How the program was started. */
export type Command = { readonly ok: true; readonly configPath: string; readonly port: string } | CannotStart

const usage = `usage: sonos serve --config FILE [--port PORT]
  --config  the YAML file that names speakers, playlists and stations; or CONFIG_PATH
  --port    where it listens; or LISTEN_PORT (8000)`

const refuse = (message: string): CannotStart => ({ ok: false, exit: 1, message })

/** Reads `serve` (or `s`), --config and --port; what is not given comes from CONFIG_PATH and LISTEN_PORT. */
export const commandOf = ({ args, env }: Start): Command => {
  const words = wordsOf(args)
  if (words === undefined) return refuse(usage)
  const { positionals, values } = words
  if (positionals.length !== 1 || !['serve', 's'].includes(positionals[0] ?? '')) return refuse(usage)
  const configPath = values.config ?? env.CONFIG_PATH ?? ''
  if (configPath === '') return refuse('there is no config: give --config FILE, or set CONFIG_PATH')
  const port = values.port ?? (env.LISTEN_PORT || env.PORT || '8000')
  if (!/^\d{1,5}$/u.test(port) || Number(port) > 65_535)
    return refuse(`"${port}" is no port; give --port or LISTEN_PORT`)
  return { ok: true, configPath, port }
}

const wordsOf = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: { config: { type: 'string' }, port: { type: 'string' } },
      allowPositionals: true,
    })
  } catch {
    return undefined
  }
}
