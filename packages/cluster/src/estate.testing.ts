import { homeOnlyName, type KubeObject } from '@homeslice/render'
import { applyPlan, type Work } from './apply.ts'
import { type Estate, memberOf } from './applyset.ts'
import type { Connection } from './connection.ts'
import { destroyEnvironment, type Destroying } from './destroy.ts'
import type { Hands } from './effects.ts'
import { observe } from './observe.ts'
import type { Writer } from './mark.ts'
import { asWriter } from './writer.ts'

/** One service of a test: as little as shows what is tested. */
export type Shape = {
  /** Of a ConfigMap and an environment variable. */
  readonly value?: string
  readonly image: string
  readonly volume?: string
  readonly storageClass?: string
  /** The version of a Secret that is mounted. */
  readonly secret?: number
  readonly route?: string
  /** Fields of the container. */
  readonly container?: object
  /** Fields of the quota of its namespace. */
  readonly quota?: object
  readonly schedule?: string
}

/** The home and environment of a test. */
export const estateOf = (home: string): Estate => ({ home, env: 'prod' })

/** The namespace of a service. */
export const namespaceIn = ({ home, env }: Estate, service: string): string => `${home}-${env}-${service}`

/** Every object of these services, as they go to the cluster. */
export const objectsOf = (estate: Estate, services: Readonly<Record<string, Shape>>): KubeObject[] =>
  Object.entries(services).flatMap(([name, shape]) =>
    serviceObjects(estate, name, shape).map((object) => memberOf(namespaceIn(estate, name), object)),
  )

const serviceObjects = (estate: Estate, name: string, shape: Shape): KubeObject[] => {
  const namespace = namespaceIn(estate, name)
  const labels = {
    'app.kubernetes.io/managed-by': 'homeslice',
    'homeslice.dev/home': estate.home,
    'homeslice.dev/env': estate.env,
    'homeslice.dev/service': name,
  }
  const make = (apiVersion: string, kind: string, named: string, more: object = {}): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name: named, ...(kind === 'Namespace' ? {} : { namespace }), labels },
    ...more,
  })
  const { value = '', volume, storageClass, secret, route, quota, schedule } = shape
  const template = { metadata: { labels: { ...labels, app: name } }, spec: podSpec(name, shape) }
  return [
    routed(make('v1', 'Namespace', namespace), route),
    make('v1', 'ServiceAccount', name, { automountServiceAccountToken: false }),
    make('v1', 'ConfigMap', name, { data: { value } }),
    ...(quota === undefined ? [] : [make('v1', 'ResourceQuota', name, { spec: { hard: quota } })]),
    ...(secret === undefined ? [] : [make('v1', 'Secret', `token-v${secret}`, { immutable: true, type: 'Opaque' })]),
    ...(volume === undefined
      ? []
      : [
          make('v1', 'PersistentVolumeClaim', 'data', {
            spec: {
              accessModes: ['ReadWriteOnce'],
              resources: { requests: { storage: volume } },
              ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
            },
          }),
        ]),
    schedule === undefined
      ? make('apps/v1', 'Deployment', name, {
          spec: {
            selector: { matchLabels: { app: name } },
            // As rendered: what no probe asks has to last.
            ...('readinessProbe' in (shape.container ?? {}) ? {} : { minReadySeconds: 2 }),
            // As rendered: defaults of the server's own would stay behind and not go with the other type.
            strategy:
              volume === undefined
                ? { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
                : { type: 'Recreate' },
            template,
          },
        })
      : make('batch/v1', 'CronJob', name, {
          spec: {
            schedule,
            jobTemplate: {
              metadata: { labels },
              spec: { backoffLimit: 0, template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
            },
          },
        }),
    make('v1', 'Service', name, { spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8000 }] } }),
    ...(route === undefined
      ? []
      : [
          make('gateway.networking.k8s.io/v1', 'HTTPRoute', name, {
            spec: {
              // As rendered: with what the server would fill in.
              parentRefs: [
                {
                  group: 'gateway.networking.k8s.io',
                  kind: 'Gateway',
                  name: 'homeslice',
                  namespace: 'homeslice-gateway',
                  sectionName: 'http',
                },
              ],
              rules: [
                {
                  matches: [{ path: { type: 'PathPrefix', value: route } }],
                  filters: [{ type: 'ExtensionRef', extensionRef: guard }],
                  backendRefs: [{ group: '', kind: 'Service', name, port: 80, weight: 1 }],
                },
              ],
            },
          }),
        ]),
  ]
}

const guard = { group: 'traefik.io', kind: 'Middleware', name: homeOnlyName }

/** A namespace that says who may come in, as rendered. */
const routed = (namespace: KubeObject, route: string | undefined): KubeObject => {
  const annotations = { 'homeslice.dev/openings': route === undefined ? 'nobody' : `home ${route}` }
  return { ...namespace, metadata: { ...namespace.metadata, annotations } }
}

const podSpec = (name: string, { image, value = '', volume, secret, container = {} }: Shape): object => {
  const key = { name: 'TOKEN', valueFrom: { secretKeyRef: { name: `token-v${secret}`, key: 'value' } } }
  return {
    serviceAccountName: name,
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name,
        image,
        imagePullPolicy: 'IfNotPresent',
        env: [{ name: 'VALUE', value }, ...(secret === undefined ? [] : [key])],
        ...(volume === undefined ? {} : { volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
        ...container,
      },
    ],
    ...(volume === undefined ? {} : { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }),
  }
}

/** The value of every Secret of a test; nodes log in with it too, so it has that form. */
export const canary = '{"auths":{"canary-7f3a":{}}}'

/** How a test brings a home up. */
export type Bringing = {
  readonly estate: Estate
  readonly desired: readonly KubeObject[]
  readonly allow?: readonly string[]
  /** Whether readiness is waited for; without, only what is written counts. */
  readonly deadlineSeconds?: number
  readonly report?: Hands['report']
  readonly signal?: AbortSignal
  /** Who brings it up. @default this process */
  readonly holder?: string
}

/** Looks, plans and carries out, as `up` does. */
export const bringUp = (connection: Connection, bringing: Bringing) =>
  asWriter(
    connection,
    {
      estate: bringing.estate,
      report: bringing.report ?? (() => undefined),
      signal: bringing.signal,
      ...(bringing.holder === undefined ? {} : { holder: bringing.holder }),
    },
    (writer, signal) => bringUpAs(writer, connection, { ...bringing, signal }),
  )

const bringUpAs = async (writer: Writer, connection: Connection, bringing: Bringing) => {
  const { estate, desired, allow = [], deadlineSeconds = 30, report = () => undefined, signal } = bringing
  const observed = await observe(connection, estate, { desired, allow })
  if (!observed.ok) return observed
  const { plan, live } = observed
  if (plan.stopped.length > 0) return { ok: false as const, stopped: plan.stopped }
  const hands: Hands = {
    connection,
    writer,
    report,
    secretData: async () => ({ value: Buffer.from(canary).toString('base64') }),
  }
  const workloads = desired
    .filter(({ kind }) => kind === 'Deployment' || kind === 'CronJob')
    .map(({ metadata: { name, namespace = '' } }) => ({ name, namespace }))
  const work: Work = {
    estate,
    plan,
    desired,
    live,
    sets: [...new Set(workloads.map(({ namespace }) => namespace))],
    workloads,
    deadlineSeconds,
    ...(signal ? { signal } : {}),
  }
  return applyPlan(hands, work)
}

/** Removes objects, as `destroy` does. */
export const tearDown = (connection: Connection, { estate, holder, ...rest }: Destroying & Pick<Bringing, 'holder'>) =>
  asWriter(connection, { estate, report: () => undefined, ...(holder === undefined ? {} : { holder }) }, (writer) =>
    destroyEnvironment(
      { connection, writer, report: () => undefined, secretData: async () => undefined },
      { estate, ...rest },
    ),
  )
