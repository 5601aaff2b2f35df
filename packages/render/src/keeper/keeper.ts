import type { Environment, Home, Service } from '@homeslice/config'
import { secretObjects } from '../files.ts'
import { namespaceObject, serviceAccountObject } from '../identity.ts'
import { denyAll } from '../network.ts'
import { ownProgram } from '../own-program.ts'
import { limitRangeObject, quotaObject } from '../quota.ts'
import type { Part } from '../render.ts'
import { runningObjects } from '../running.ts'
import { type Sources, type Workload, workloadOf } from '../workload.ts'
import { apiPolicy } from './policy.ts'
import { rightsObjects } from './rights.ts'
import { seenObject } from './seen.ts'

/** What it is called, and its namespace ends in; no service of a home may be called so. */
export const keeperName = 'keeper'

/** The most memory that it gets. */
const memory = '70Mi'

/**
 * The keeper of an environment: one small process of ours in the cluster, which watches for drift. It comes where its
 * image can be had: in the sandbox, and where our images are in a registry.
 */
export const keeper =
  (sources: Sources): Part =>
  (home, environment) => {
    if (home.cluster.context !== undefined && home.cluster.registry === undefined) return { objects: [], edges: [] }
    const workload = workloadOfKeeper(home, environment, sources)
    return { objects: objectsOf(workload, { home, environment }), edges: [], workloads: [workload] }
  }

const objectsOf = (
  workload: Workload,
  { home, environment }: { readonly home: Home; readonly environment: Environment },
) => [
  namespaceObject(workload, home),
  serviceAccountObject(workload),
  quotaObject(workload, environment),
  limitRangeObject(workload),
  ...secretObjects(workload),
  seenObject(workload),
  ...rightsObjects(workload),
  ...runningObjects(workload, home.timezone),
  denyAll(workload.owner),
  apiPolicy(workload, home),
]

/** Nobody misses it for a second, so its next version replaces it; and it alone calls the API server. */
const workloadOfKeeper = (home: Home, environment: Environment, sources: Sources): Workload => ({
  ...workloadOf({ home, environment, sources }, serviceOf(home, environment)),
  component: 'keeper',
  callsApi: true,
})

const serviceOf = (home: Home, environment: Environment): Service =>
  ownProgram({
    name: keeperName,
    image: 'keeper',
    env: { KEEPER_HOME: home.name, KEEPER_ENVIRONMENT: environment.name },
    cpu: '250m',
    memory: { request: memory, limit: memory },
  })
