import { type Application, buildApplication, buildCommand, buildRouteMap } from '@stricli/core'
import type { Context } from './context.ts'
import {
  allowFlag,
  deadlineFlag,
  filePositional,
  homeFlags,
  jsonFlag,
  logFlag,
  maybePositional,
  onePositional,
  portNumber,
  wholeNumber,
  withoutFileFlags,
  yesFlag,
} from './flags.ts'
import { devicesRoutes } from './commands/devices/routes.ts'
import { secretsRoutes } from './commands/secrets/routes.ts'
import { sandboxRoutes } from './commands/sandbox/routes.ts'
import { command, quiet } from './verb.ts'

const text = (input: string): string => input

/** Every verb is data with a loader: nothing is imported before it is called, so `--help` stays fast. */
const routes = buildRouteMap<string, Context>({
  routes: {
    init: buildCommand({
      loader: async () => command((await import('./commands/init.ts')).init),
      parameters: {
        flags: {
          file: homeFlags.file,
          name: { kind: 'parsed', parse: text, brief: "The home's name", placeholder: 'name', optional: true },
          timezone: { kind: 'parsed', parse: text, brief: 'Its IANA timezone', placeholder: 'zone', optional: true },
          domain: { kind: 'parsed', parse: text, brief: 'Its domain', placeholder: 'domain', optional: true },
          ...yesFlag,
          ...jsonFlag,
        },
      },
      docs: { brief: 'Write a small home file from a few questions' },
    }),
    check: buildCommand({
      loader: async () => command((await import('./commands/check.ts')).check),
      parameters: { flags: homeFlags, positional: filePositional },
      docs: { brief: 'Say everything that is wrong with a home file, and where' },
    }),
    render: buildCommand({
      loader: async () => command((await import('./commands/render.ts')).renderHome),
      parameters: { flags: homeFlags, positional: filePositional },
      docs: { brief: 'Print the Kubernetes objects of a home; needs no cluster' },
    }),
    plan: buildCommand({
      loader: async () => command((await import('./commands/plan.ts')).plan),
      parameters: { flags: { ...homeFlags, ...allowFlag } },
      docs: { brief: 'Show what `up` would change' },
    }),
    up: buildCommand({
      loader: async () => command((await import('./commands/up.ts')).up),
      parameters: {
        flags: {
          ...homeFlags,
          ...allowFlag,
          ...logFlag,
          ...deadlineFlag,
        },
      },
      docs: { brief: 'Bring the home up, or to what its file says now' },
    }),
    status: buildCommand({
      loader: async () => command((await import('./commands/status.ts')).status),
      parameters: {
        flags: {
          ...homeFlags,
          versions: { kind: 'boolean', brief: 'List every version that is kept', default: false, withNegated: false },
          drift: {
            kind: 'boolean',
            brief: 'List what others changed since it was applied, by whom and when',
            default: false,
            withNegated: false,
          },
        },
        positional: maybePositional('service', 'Only the versions of this service that are kept'),
      },
      docs: { brief: 'Show each service: ready or why not, its version and URL' },
    }),
    rollback: buildCommand({
      loader: async () => command((await import('./commands/rollback.ts')).rollback),
      parameters: {
        flags: {
          ...homeFlags,
          ...withoutFileFlags,
          to: {
            kind: 'parsed',
            parse: wholeNumber,
            brief: 'The number of the version (default: the last one that was ready before this one)',
            placeholder: 'number',
            optional: true,
          },
          ...allowFlag,
          ...logFlag,
          ...deadlineFlag,
        },
        positional: onePositional('service', 'The service'),
      },
      docs: { brief: 'Bring a kept version of a service back' },
    }),
    open: buildCommand({
      loader: async () => command((await import('./commands/open.ts')).open),
      parameters: {
        flags: {
          ...homeFlags,
          print: { kind: 'boolean', brief: 'Only print the URL', default: false, withNegated: false },
        },
        positional: onePositional('service', 'The service'),
      },
      docs: { brief: "Open a service's first route in the browser" },
    }),
    logs: buildCommand({
      loader: async () => command((await import('./commands/logs.ts')).logs),
      parameters: {
        flags: {
          ...homeFlags,
          follow: { kind: 'boolean', brief: 'Go on as lines come', default: false, withNegated: false },
          previous: { kind: 'boolean', brief: 'Of the container before a crash', default: false, withNegated: false },
          tail: {
            kind: 'parsed',
            parse: wholeNumber,
            brief: 'How many of the last lines',
            placeholder: 'lines',
            default: '100',
          },
        },
        aliases: { f: 'follow' },
        positional: onePositional('service', 'The service'),
      },
      docs: { brief: "Print a service's log" },
    }),
    dev: buildCommand({
      loader: async () => quiet((await import('./commands/dev.ts')).dev),
      parameters: {
        flags: {
          file: homeFlags.file,
          env: homeFlags.env,
          port: {
            kind: 'parsed',
            parse: portNumber,
            brief: 'The port of the page; the next one is the door to the public paths (default: 4400 or a free one)',
            placeholder: 'number',
            optional: true,
          },
          inspect: {
            kind: 'parsed',
            parse: text,
            brief: 'Let a debugger attach to this service',
            placeholder: 'service',
            optional: true,
          },
        },
      },
      docs: { brief: 'Run the services here, with simulated devices and reload: no cluster, no root' },
    }),
    new: buildRouteMap<'service', Context>({
      routes: {
        service: buildCommand({
          loader: async () => command((await import('./commands/new/service.ts')).newService),
          parameters: { flags: { file: homeFlags.file, ...jsonFlag }, positional: onePositional('name', 'Its name') },
          docs: { brief: 'Make a whole service: catalog entry, program, tests, page, entry in the home file' },
        }),
      },
      docs: { brief: 'Make something new in a checkout of Homeslice: service' },
    }),
    doctor: buildCommand({
      loader: async () => command((await import('./commands/doctor.ts')).doctor),
      parameters: {
        flags: {
          ...homeFlags,
          rbac: {
            kind: 'boolean',
            brief: 'Only print the rights that `up` needs, for whoever may grant them',
            default: false,
            withNegated: false,
          },
        },
      },
      docs: { brief: 'Check this machine, the cluster and the names of the home' },
    }),
    devices: devicesRoutes,
    secrets: secretsRoutes,
    sandbox: sandboxRoutes,
    destroy: buildCommand({
      loader: async () => command((await import('./commands/destroy.ts')).destroy),
      parameters: { flags: { ...homeFlags, ...allowFlag, ...yesFlag, ...logFlag } },
      docs: { brief: "Remove an environment's services; volumes stay unless allowed by name" },
    }),
  },
  docs: {
    brief: "Runs a home's services on Kubernetes from one typed file, and proves what it promises.",
    fullDescription: [
      "Runs a home's services on Kubernetes from one typed file, and proves what it promises.",
      '',
      'Start with `homeslice init`, then `homeslice up`. Without a cluster of yours it makes a real one on this machine.',
      'Exit codes: 0 done, 1 failed, 2 usage or invalid home file, 3 refused by a guard, 4 cluster unreachable, 130 interrupted.',
    ].join('\n'),
  },
})

/** The command line as a value: tests run it with streams of their own. */
export const createApp = (version: string): Application<Context> =>
  buildApplication<Context>(routes, {
    name: 'homeslice',
    versionInfo: { currentVersion: version },
    scanner: { caseStyle: 'allow-kebab-for-camel' },
    documentation: { caseStyle: 'convert-camel-to-kebab', useAliasInUsageLine: false },
  })
