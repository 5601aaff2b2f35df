import { buildCommand, buildRouteMap } from '@stricli/core'
import type { Context } from '../../context.ts'
import { jsonFlag, yesFlag } from '../../flags.ts'
import { command } from '../../verb.ts'

const flags = {
  name: {
    kind: 'parsed',
    parse: (input: string): string => input,
    brief: 'Which sandbox; `homeslice up` uses the one named default',
    placeholder: 'name',
    default: 'default',
  },
  ...jsonFlag,
} as const

/** `homeslice sandbox …`: the embedded cluster, by name. */
export const sandboxRoutes = buildRouteMap<string, Context>({
  routes: {
    start: buildCommand({
      loader: async () => command((await import('./start.ts')).start),
      parameters: { flags },
      docs: { brief: 'Build what is missing and start it' },
    }),
    stop: buildCommand({
      loader: async () => command((await import('./stop.ts')).stop),
      parameters: { flags },
      docs: { brief: 'Stop it; services, volumes and certificates stay for the next start' },
    }),
    destroy: buildCommand({
      loader: async () => command((await import('./destroy.ts')).destroy),
      parameters: { flags: { ...flags, ...yesFlag } },
      docs: { brief: 'Delete it with every volume in it' },
    }),
    status: buildCommand({
      loader: async () => command((await import('./status.ts')).status),
      parameters: { flags },
      docs: { brief: 'Show its version, addresses and the memory of each part' },
    }),
    kubeconfig: buildCommand({
      loader: async () => command((await import('./kubeconfig.ts')).kubeconfig),
      parameters: { flags },
      docs: { brief: 'Print the path of its kubeconfig, for kubectl on this machine' },
    }),
    shell: buildCommand({
      loader: async () => command((await import('./shell.ts')).openShell),
      parameters: { flags },
      docs: { brief: 'Open a shell inside it' },
    }),
  },
  docs: { brief: 'The embedded cluster: start, stop, destroy, status, kubeconfig, shell' },
})
