import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { format, stripVTControlCharacters } from 'node:util'
import { HAPStorage } from '@homebridge/hap-nodejs'
import type { API } from 'homebridge'
import { Logger as TheirLogger } from 'homebridge/dist/logger.js'
import { Plugin } from 'homebridge/dist/plugin.js'
import { Server } from 'homebridge/dist/server.js'
import { User } from 'homebridge/dist/user.js'
import type { Logger } from '@homeslice/service-kit'

/** A Homebridge that runs in this process. */
export type Bridge = {
  readonly isPublished: () => boolean
  readonly isPaired: () => boolean
  readonly stop: () => Promise<void>
}

/** What a Homebridge is started with. */
type Start = {
  /** Holds `config.json` and the pairing; plugins that people installed are below `node_modules`. */
  readonly folder: string
  readonly log: Logger
  /** Registers our accessory. */
  readonly plugin: (api: API) => void
  /** Whether the config is ours, and so our accessory is the one to take. */
  readonly isOurs: boolean
}

const levels: Readonly<Record<string, 'info' | 'warn' | 'error' | 'debug'>> = {
  success: 'info',
  warn: 'warn',
  error: 'error',
  debug: 'debug',
}

/** Starts Homebridge as its own command does, with our accessory in it and its words in our log. */
export const startBridge = async ({ folder, log, plugin, isOurs }: Start): Promise<Bridge> => {
  TheirLogger.prototype.log = function said(level, message, ...more): void {
    const { prefix } = this
    log[levels[level] ?? 'info'](
      prefix === undefined ? {} : { plugin: prefix },
      stripVTControlCharacters(format(message, ...more)),
    )
  }
  // oxlint-disable-next-line no-console -- Homebridge prints the code for pairing past its own log
  console.log = (...words: unknown[]): void => {
    const line = stripVTControlCharacters(format(...words)).trim()
    if (line !== '') log.info(line)
  }
  User.setStoragePath(folder)
  HAPStorage.setCustomStoragePath(User.persistPath())
  const installed = join(folder, 'node_modules')
  const server = new Server({
    customPluginPath: installed,
    customStoragePath: folder,
    strictPluginResolution: true,
    hideQRCode: true,
  })
  // Somebody who brings a config and homebridge-http along goes on with both.
  if (isOurs || !existsSync(join(installed, 'homebridge-http')))
    server.pluginManager.plugins.set('homebridge-homeslice', new OwnPlugin(plugin))
  await server.start()
  // oxlint-disable-next-line no-underscore-dangle -- HAP-NodeJS tells it in no other way
  const published = () => server.bridgeService.bridge._accessoryInfo
  return {
    isPublished: () => published() !== undefined,
    isPaired: () => published()?.paired() ?? false,
    stop: async () => {
      await server.teardown()
      // Homebridge begins to take its leave of the network and waits for nothing; its goodbye is one packet.
      await new Promise((resolve) => setTimeout(resolve, 300))
    },
  }
}

/** A plugin that is part of this program: nothing is looked for on disk. */
class OwnPlugin extends Plugin {
  readonly #register: (api: API) => void

  constructor(register: (api: API) => void) {
    super('homebridge-homeslice', '', { name: 'homebridge-homeslice', version: '0.1.0' })
    this.#register = register
  }

  override load = (): Promise<void> => Promise.resolve()

  override initialize = (api: API): void => this.#register(api)
}
