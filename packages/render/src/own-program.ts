import type { Service } from '@homeslice/config'

/** The port where a program of ours tells how it is. */
const probePort = 9000

/** What tells one program of ours from another. */
type OwnProgram = {
  readonly name: string
  readonly image: string
  readonly args?: readonly string[]
  /** Texts alone: it holds no secret. */
  readonly env: Readonly<Record<string, string>>
  /** Where others call it. @default nobody does */
  readonly port?: number
  readonly cpu: string
  readonly memory: { readonly request: string; readonly limit: string }
}

/**
 * A small program of ours that no home file names, as a service like every other: it calls nobody, keeps nothing, and
 * tells how it is at a port of its own.
 */
export const ownProgram = ({ name, image, args, env, port, cpu, memory }: OwnProgram): Service => {
  const probe = (http: string, periodSeconds: number, failureThreshold: number) => ({
    check: { http, port: probePort },
    periodSeconds,
    timeoutSeconds: 2,
    failureThreshold,
  })
  return {
    name,
    image: { ours: image },
    ...(args && { args }),
    env: Object.fromEntries(Object.entries(env).map(([key, text]) => [key, { text }])),
    files: {},
    ...(port !== undefined && { port }),
    metricsPort: probePort,
    probes: {
      startup: probe('/readyz', 2, 60),
      readiness: probe('/readyz', 10, 3),
      liveness: probe('/healthz', 10, 3),
    },
    resources: {
      cpu: { request: '10m', limit: cpu },
      memory,
      storage: { request: '16Mi', limit: '64Mi' },
    },
    routes: [],
    needs: [],
    devices: [],
    clouds: [],
    simulate: false,
    egress: { internet: false, to: [] },
    data: {},
    node: {},
    run: { user: 10_001, group: 10_001, writable: [], level: 'restricted' },
  }
}
