/** Homebridge exports its types alone; these are the parts of it that start one, as its own command does. */
declare module 'homebridge/dist/server.js' {
  import type { Bridge } from '@homebridge/hap-nodejs'
  import type { Plugin } from 'homebridge/dist/plugin.js'

  /** A bridge and its plugins, from the `config.json` in the storage folder. */
  export class Server {
    constructor(options: {
      readonly customPluginPath: string
      readonly customStoragePath: string
      readonly strictPluginResolution: boolean
      readonly hideQRCode: boolean
    })
    readonly bridgeService: { readonly bridge: Bridge }
    readonly pluginManager: { readonly plugins: Map<string, Plugin> }
    start(): Promise<void>
    teardown(): Promise<void>
  }
}

declare module 'homebridge/dist/plugin.js' {
  import type { API } from 'homebridge'

  /** A plugin as Homebridge keeps it: loaded from its path, then asked to register what it has. */
  export class Plugin {
    constructor(name: string, path: string, manifest: { readonly name: string; readonly version: string })
    load(): Promise<void>
    initialize(api: API): void
  }
}

declare module 'homebridge/dist/logger.js' {
  /** What Homebridge and its plugins speak through; every other method calls `log`. */
  export class Logger {
    readonly prefix?: string
    log(level: string, message: string, ...more: unknown[]): void
  }
}

declare module 'homebridge/dist/user.js' {
  /** Where Homebridge keeps its files. */
  export const User: {
    readonly setStoragePath: (path: string) => void
    readonly persistPath: () => string
  }
}
