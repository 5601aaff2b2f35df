import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import type { ICronJob } from 'kubernetes-models/batch/v1/CronJob'
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { labelsOf, selectorOf, versionLabelOf } from './names.ts'
import { type KubeObject, object } from './object.ts'
import { podSpec } from './pod.ts'
import { isReplaced, type Workload } from './workload.ts'

/** What keeps a service running: a Deployment, or a CronJob where it has a schedule; and a CronJob for each of its jobs. */
export const runningObjects = (workload: Workload, timezone: string): KubeObject[] => {
  const { service, jobs } = workload
  const { name, schedule } = service
  return [
    schedule === undefined ? deploymentObject(workload) : cronJobObject(workload, { name, schedule, timezone }),
    ...jobs.map((job) =>
      cronJobObject(jobOf(workload, job.args), {
        name: `${name}-${job.name}`,
        schedule: job.schedule,
        timezone,
      }),
    ),
  ]
}

/** A run beside the server: the same pod, but that nobody calls it or asks how it is. */
const jobOf = (workload: Workload, args: readonly string[]): Workload => {
  const { port: _, metricsPort: __, ...service } = workload.service
  return { ...workload, args, ports: [], service: { ...service, probes: {} } }
}

/** The longest that one run may take, the delay after which a missed start is given up, and so on. */
const seconds = { run: 3600, start: 600, kept: 86_400, lasting: 5 } as const

/**
 * A volume has one writer and a node one port of a number, so such a service is stopped before its next version starts,
 * and so is a simulated device, which nobody misses for a second; every other one only once its next version is ready.
 * No StatefulSet: its volume templates can never change.
 */
const deploymentObject = (workload: Workload): KubeObject => {
  const { owner, namespace, service, component, image } = workload
  const labels = { ...labelsOf(owner, service.name, component), ...versionLabelOf(image) }
  return object<IDeployment>({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: service.name, namespace, labels },
    spec: {
      ...(service.replicas === undefined ? {} : { replicas: service.replicas }),
      revisionHistoryLimit: 3,
      // Nothing says that it works but that it has not ended: it has to last a little.
      ...(service.probes.readiness === undefined ? { minReadySeconds: seconds.lasting } : {}),
      progressDeadlineSeconds: 600,
      selector: { matchLabels: selectorOf(service.name) },
      strategy: isReplaced(workload)
        ? { type: 'Recreate' }
        : { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { metadata: { labels }, spec: podSpec(workload) },
    },
  })
}

type Times = { readonly name: string; readonly schedule: string; readonly timezone: string }

const cronJobObject = (workload: Workload, { name, schedule, timezone }: Times): KubeObject => {
  const { owner, namespace, image } = workload
  const labels = { ...labelsOf(owner, name, 'schedule'), ...versionLabelOf(image) }
  return object<ICronJob>({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace, labels },
    spec: {
      schedule,
      timeZone: timezone,
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: seconds.start,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 2,
      jobTemplate: {
        metadata: { labels },
        spec: {
          activeDeadlineSeconds: seconds.run,
          backoffLimit: 2,
          ttlSecondsAfterFinished: seconds.kept,
          template: { metadata: { labels }, spec: podSpec(workload, 'OnFailure') },
        },
      },
    },
  })
}

/** With two replicas or more, a drained node takes them one at a time. */
export const disruptionObjects = ({ owner, namespace, service }: Workload): KubeObject[] =>
  (service.replicas ?? 1) < 2
    ? []
    : [
        object<IPodDisruptionBudget>({
          apiVersion: 'policy/v1',
          kind: 'PodDisruptionBudget',
          metadata: { name: service.name, namespace, labels: labelsOf(owner, service.name) },
          spec: {
            maxUnavailable: 1,
            unhealthyPodEvictionPolicy: 'AlwaysAllow',
            selector: { matchLabels: selectorOf(service.name) },
          },
        }),
      ]
