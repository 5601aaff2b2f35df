import { buildCommand, buildRouteMap } from '@stricli/core'
import type { Context } from '../../context.ts'
import { homeFlags, jsonFlag, onePositional } from '../../flags.ts'
import { command } from '../../verb.ts'

const text = (input: string): string => input
const flags = { file: homeFlags.file, ...jsonFlag } as const
const name = onePositional('name', "The secret's name")

/** `homeslice secrets …`: values at rest beside the home file. */
export const secretsRoutes = buildRouteMap<string, Context>({
  routes: {
    set: buildCommand({
      loader: async () => command((await import('./set.ts')).set),
      parameters: { flags, positional: name },
      docs: { brief: 'Set a value, from standard input or a hidden prompt; raises its version' },
    }),
    get: buildCommand({
      loader: async () => command((await import('./get.ts')).get),
      parameters: { flags, positional: name },
      docs: { brief: 'Print a value to standard output' },
    }),
    list: buildCommand({
      loader: async () => command((await import('./list.ts')).list),
      parameters: { flags },
      docs: { brief: 'List names and versions, never values' },
    }),
    edit: buildCommand({
      loader: async () => command((await import('./edit.ts')).edit),
      parameters: { flags, positional: name },
      docs: { brief: 'Edit a value in $EDITOR; raises its version if it changed' },
    }),
    rekey: buildCommand({
      loader: async () => command((await import('./rekey.ts')).rekey),
      parameters: {
        flags: {
          ...flags,
          add: {
            kind: 'parsed',
            parse: text,
            brief: 'A recipient (age1…) that shall read all values from now on',
            placeholder: 'recipient',
            optional: true,
            variadic: true,
          },
          remove: {
            kind: 'parsed',
            parse: text,
            brief: 'A recipient that shall not read them any longer',
            placeholder: 'recipient',
            optional: true,
            variadic: true,
          },
        },
      },
      docs: { brief: 'Encrypt every value again, for other recipients; versions stay' },
    }),
  },
  docs: { brief: 'Values at rest beside the home file: set, get, list, edit, rekey' },
})
