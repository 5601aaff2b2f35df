import { buildCommand, buildRouteMap } from '@stricli/core'
import type { Context } from '../../context.ts'
import { homeFlags, wholeNumber } from '../../flags.ts'
import { command } from '../../verb.ts'

const text = (input: string): string => input

/** `homeslice devices …`: the devices of the house, as the LAN of this machine shows them. */
export const devicesRoutes = buildRouteMap<string, Context>({
  routes: {
    find: buildCommand({
      loader: async () => command((await import('./find.ts')).find),
      parameters: {
        flags: {
          ...homeFlags,
          interface: {
            kind: 'parsed',
            parse: text,
            brief: 'Look only in the network of this interface (default: all)',
            placeholder: 'name',
            optional: true,
            variadic: true,
          },
          seconds: {
            kind: 'parsed',
            parse: (input: string): number => wholeNumber(input),
            brief: 'How long to wait for answers',
            placeholder: 'seconds',
            default: '3',
          },
        },
      },
      docs: { brief: 'Look for devices on the LAN, and compare them with the home file; changes nothing' },
    }),
  },
  docs: { brief: 'Devices on the LAN: find' },
})
