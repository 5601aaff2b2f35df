import { sonosPlayer } from '@homeslice/devices'
import { runService } from '@homeslice/service-kit'
import { commandOf } from './command.ts'
import { readConfig } from './config.ts'
import { appleMusicPages } from './page.ts'
import { makeSonos } from './make.ts'

const start = { args: process.argv.slice(2), env: process.env }
const command = commandOf(start)
process.exitCode = await runService(
  'sonos',
  async (_, { log, metrics: { registry } }) => {
    if (!command.ok) return command
    const config = readConfig(command.configPath)
    if (!config.ok) return config
    const player = (host: string) => sonosPlayer({ name: host, host })
    return makeSonos({
      config,
      coordinator: player(config.coordinator),
      players: config.players.map(player),
      pages: process.env.PLAYLIST_BASE_URL || appleMusicPages,
      log,
      registry,
    })
  },
  { ...start, env: { ...start.env, PORT: command.ok ? command.port : '' } },
)
