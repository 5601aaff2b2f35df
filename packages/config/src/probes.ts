import type { Entry } from '@homeslice/catalog'
import type { Probe, Probes } from './home.ts'
import type { WrittenService } from './schema.ts'

type WrittenProbe = NonNullable<NonNullable<WrittenService['probes']>['startup']>
type Kind = keyof Probes
type Of = { readonly port: number | undefined; readonly entry: Entry | undefined }

const timing: Readonly<Record<Kind, { readonly every: number; readonly failures: number }>> = {
  // Asked often while starting, so that a start of 300 ms is not rounded up to ten seconds; two minutes in all.
  startup: { every: 2, failures: 60 },
  readiness: { every: 10, failures: 3 },
  liveness: { every: 10, failures: 3 },
}

/** Our own services answer on their metrics port: `/readyz` when configured and listening, `/healthz` while alive. */
const ours = { startup: '/readyz', readiness: '/readyz', liveness: '/healthz' } as const

/** The probes of a service: as written, else what the catalog brings, else whether its port accepts connections. */
export const probesOf = (written: WrittenService['probes'], of: Of): Probes => {
  const probes: Partial<Record<Kind, Probe>> = {}
  for (const kind of ['startup', 'readiness', 'liveness'] as const) {
    const probe = probeOf(kind, written?.[kind], of)
    if (probe !== undefined) probes[kind] = probe
  }
  return probes
}

const probeOf = (kind: Kind, written: WrittenProbe | undefined, of: Of): Probe | undefined => {
  const check = written === undefined ? defaultCheck(kind, of) : writtenCheck(written, of)
  if (check === undefined) return undefined
  return {
    check,
    periodSeconds: written?.everySeconds ?? timing[kind].every,
    timeoutSeconds: written?.timeoutSeconds ?? 2,
    failureThreshold: written?.failures ?? timing[kind].failures,
  }
}

const defaultCheck = (kind: Kind, { port, entry }: Of): Probe['check'] | undefined => {
  if (entry?.metricsPort !== undefined) return { http: ours[kind], port: entry.metricsPort }
  return port === undefined ? undefined : { tcp: port }
}

/** A port that is missing is 0 here; a rule reports it. */
const writtenCheck = ({ http, command, port }: WrittenProbe, of: Of): Probe['check'] => {
  const at = port ?? of.port ?? 0
  if (http !== undefined) return { http, port: at }
  return command === undefined ? { tcp: at } : { command }
}
