import { catalog, type Entry } from '@homeslice/catalog'
import type { Service } from '../home.ts'
import { didYouMean } from '../nearest.ts'
import { bytesOf, millicoresOf } from '../quantity.ts'
import { checkShape, show } from '../shape.ts'
import { cronProblem } from './cron.ts'
import { eachService, eachWritten, type Rule, when } from './rule.ts'

/** A service comes from the catalog or from an image, never both and never neither. */
export const useOrImage: Rule = eachWritten((_, { use, image, settings }, at) => {
  if (use === undefined && image === undefined) {
    return [
      { path: at(), message: 'needs `use` or `image`', fix: `use: ${[...catalog.keys()].join(' | ')}, or image: …` },
    ]
  }
  if (use !== undefined && image !== undefined) {
    return [{ path: at('image'), message: '`use` brings its own image', fix: 'remove `image` or `use`' }]
  }
  if (use === undefined) {
    return when(settings !== undefined, () => ({
      path: at('settings'),
      message: '`settings` belong to services of the catalog',
      fix: 'give an image its settings by env or files',
    }))
  }
  const entry = catalog.get(use)
  if (entry === undefined) {
    return [{ path: at('use'), message: `the catalog has no "${use}"`, ...didYouMean(use, [...catalog.keys()]) }]
  }
  const checked = checkShape(entry.settings, settings ?? {}, at('settings'))
  return checked.ok ? [] : [...checked.findings]
})

/** An image without tag or digest is whatever the registry gives that day. */
export const imagesAreNamed: Rule = eachService((service, at) => {
  if ('ours' in service.image || service.image.reference === '') return []
  const { reference } = service.image
  if (!/^[\w.\-:/]+(@sha256:[0-9a-f]{64})?$/u.test(reference)) {
    return [
      { path: at('image'), message: `${show(reference)} is no image name`, fix: 'write it like registry/name:tag' },
    ]
  }
  const last = reference.slice(reference.lastIndexOf('/') + 1)
  return when(!/[:@]/u.test(last) || last.endsWith(':latest'), () => ({
    path: at('image'),
    message: `${show(reference)} can be another program tomorrow`,
    fix: 'name a tag, better a digest: name:tag@sha256:…',
  }))
})

/** Kubernetes refuses a request above its limit. */
export const requestsFitLimits: Rule = eachService(({ resources: { cpu, memory, storage } }, at) => [
  ...when(millicoresOf(cpu.request) > millicoresOf(cpu.limit), () => above(at('resources', 'cpu'), cpu)),
  ...when(bytesOf(memory.request) > bytesOf(memory.limit), () => above(at('resources', 'memory'), memory)),
  ...when(bytesOf(storage.request) > bytesOf(storage.limit), () => above(at('resources', 'storage'), storage)),
])

const above = (path: readonly (string | number)[], { request, limit }: { request: string; limit: string }) => ({
  path,
  message: `asks for ${request}, more than its limit of ${limit}`,
  fix: 'raise the limit or ask for less',
})

/** A schedule runs and ends: it has no port, no routes, no replicas and no probes. */
export const schedulesAreRunOnce: Rule = eachService(
  ({ schedule, name, use, replicas, routes, port }, at, { written }) => {
    if (schedule === undefined) return []
    const reason = cronProblem(schedule)
    // A service of the catalog that runs by a schedule has one whatever the file says.
    const orSchedule = entryOf(use)?.schedule === undefined ? ' or `schedule`' : ''
    return [
      ...when(name.length > 52, () => ({
        path: at(),
        message: `the name of a scheduled service has at most 52 characters, and this one ${name.length}`,
        fix: 'shorten it: Kubernetes adds a time to it for each run',
      })),
      ...when(reason !== undefined, () => ({
        path: at('schedule'),
        message: `${show(schedule)} is no schedule: ${reason}`,
        fix: 'minute hour day month weekday, such as "30 4 * * *" for half past four each night',
      })),
      ...when(port !== undefined && entryOf(use)?.port === undefined, () => ({
        path: at('port'),
        message: 'a scheduled service answers no calls',
        fix: `remove \`port\`${orSchedule}`,
      })),
      ...when(routes.length > 0, () => ({
        path: at('routes'),
        message: 'a scheduled service has no routes',
        fix: `remove \`routes\`${orSchedule}`,
      })),
      ...when(replicas !== undefined, () => ({
        path: at('replicas'),
        message: 'a scheduled service runs once at a time',
        fix: `remove \`replicas\`${orSchedule}`,
      })),
      ...when(written.services[name]?.probes !== undefined, () => ({
        path: at('probes'),
        message: 'a scheduled service is not probed',
        fix: `remove \`probes\`${orSchedule}`,
      })),
    ]
  },
)

const entryOf = (use: Service['use']): Entry | undefined => use && catalog.get(use.entry)

/** Probes and routes ask a port. */
export const portsAreThere: Rule = eachService((service, at) => [
  ...when(service.routes.length > 0 && service.port === undefined, () => ({
    path: at('routes'),
    message: 'a route needs the port where the service listens',
    fix: 'add `port`',
  })),
  ...(['startup', 'readiness', 'liveness'] as const).flatMap((kind) => {
    const check = service.probes[kind]?.check
    const asked = check && ('tcp' in check ? check.tcp : 'port' in check ? check.port : undefined)
    return when(asked === 0, () => ({
      path: at('probes', kind),
      message: 'the probe asks no port',
      fix: 'add `port` to the probe or to the service',
    }))
  }),
])

/** Volumes are for one writer. */
export const dataHasOneWriter: Rule = eachService(({ data, replicas }, at) =>
  when(Object.keys(data).length > 0 && (replicas ?? 1) > 1, () => ({
    path: at('replicas'),
    message: `${replicas} replicas cannot share a volume`,
    fix: 'keep one replica, or no `data`',
  })),
)

/** Pod Security `restricted` lets nobody run as root. */
export const rootIsAllowed: Rule = eachService(({ run }, at) =>
  when(run.user === 0 && run.level === 'restricted', () => ({
    path: at('run'),
    message: 'runs as root, which Pod Security level restricted does not let anyone',
    fix: 'add level: baseline, or another user',
  })),
)

/** What lowers the guard says why. */
export const loweringSaysWhy: Rule = eachService(({ run }, at) =>
  when((run.level !== 'restricted' || run.user === 0) && run.because === undefined, () => ({
    path: at('run'),
    message:
      run.user === 0 ? 'runs as root without saying why' : `lowers Pod Security to ${run.level} without saying why`,
    fix: 'add `because`',
  })),
)
