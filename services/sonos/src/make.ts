import type { Player, Result } from '@homeslice/devices'
import { counter, gauge, type Logger, type Metrics, type Service } from '@homeslice/service-kit'
import { createSonos } from './app.ts'
import { createCommands, type Step } from './commands.ts'
import type { Config } from './config.ts'
import { createHistory } from './history.ts'
import { readPage } from './page.ts'
import { createStatus } from './status.ts'

/** What the service is made of. */
export type Parts = {
  readonly config: Config
  readonly coordinator: Player
  readonly players: readonly Player[]
  /** The base of the addresses of playlists' pages. */
  readonly pages: string
  readonly log: Logger
  readonly registry: Metrics['registry']
  /** Milliseconds. @default this machine's clock */
  readonly now?: () => number
}

/** The service, with its metrics and its memory of what went wrong. */
export const makeSonos = (parts: Parts): Service => {
  const { config, coordinator, players, log, registry, now = () => performance.now() } = parts
  const done = counter(registry, 'homeslice_device_commands_total', 'Commands to devices by how they ended.', [
    'device',
    'operation',
    'result',
  ])
  const answers = gauge(registry, 'homeslice_device_answers', '1 if the device answered the last command, else 0.', [
    'device',
  ])
  const trouble = new Map<string, string>()
  const history = createHistory(() => new Date())
  const report = (device: string, operation: string, result: Result): void => {
    done.inc({ device, operation, result: result.ok ? 'ok' : result.kind })
    answers.set({ device }, result.ok ? 1 : 0)
    if (result.ok) trouble.delete(device)
    else trouble.set(device, result.reason)
  }
  const onStep = (curation: string, step: Step): void => {
    const { player, step: name, result } = step
    report(player, name, result)
    history.add(curation, step)
    if (!result.ok) log.warn({ curation, player, step: name, reason: result.reason }, 'a step of a curation failed')
  }
  const status = createStatus(coordinator, now)
  const page = (playlist: Parameters<typeof readPage>[1], stop: AbortSignal) => readPage(parts.pages, playlist, stop)
  const commands = createCommands({ coordinator, players, status, page, onStep, log })
  return {
    ok: true,
    handler: createSonos({
      config,
      commands,
      status,
      onStatus: (result) => report(coordinator.host, 'status', result),
      history: history.of,
    }),
    facts: () => ({
      players: players.length + 1,
      curations: config.curations.size,
      trouble: Object.fromEntries(trouble),
    }),
    close: async () => {
      commands.stop()
      await commands.settled()
    },
  }
}
