import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeObject } from '@homeslice/render'
import { serviceOf } from '@homeslice/plan'

/** One way to a service through the gateway. */
export type Way = { readonly service: string; readonly host?: string; readonly path: string }

/** The ways that a rendering opens: one of each route that leads to pods. One to a service that sleeps leads to none. */
export const waysOf = (objects: readonly KubeObject[]): Way[] => {
  const asleep = new Set(objects.filter(sleeps).map(serviceOf))
  return objects.flatMap((object) => {
    if (object.kind !== 'HTTPRoute' || asleep.has(serviceOf(object))) return []
    const { hostnames, rules } = object.spec as RouteSpec
    const [path] = rules.flatMap(({ backendRefs, matches }) =>
      backendRefs === undefined ? [] : (matches ?? []).map((match) => match.path.value),
    )
    if (path === undefined) return []
    const [host] = hostnames ?? []
    return [{ service: serviceOf(object), path, ...(host === undefined ? {} : { host }) }]
  })
}

const sleeps = ({ kind, spec }: KubeObject): boolean =>
  kind === 'Deployment' && (spec as { readonly replicas?: number }).replicas === 0

type RouteSpec = {
  readonly hostnames?: readonly string[]
  readonly rules: readonly {
    readonly matches?: readonly { readonly path: { readonly value: string } }[]
    readonly backendRefs?: readonly unknown[]
  }[]
}

/** What waiting for ways needs to know. */
export type WaysOptions = {
  /** Port of the gateway on 127.0.0.1. */
  readonly port: number
  /** How long a way may lead nowhere, in seconds. @default 30 */
  readonly deadlineSeconds?: number
  /** How long the gateway may not know of a way at all; then it is the service that says so. In seconds. @default 3 */
  readonly unknownSeconds?: number
  readonly signal: AbortSignal
}

/**
 * Waits until the gateway leads to each service: pods are ready a moment before every node and the gateway have heard
 * of them. Gives a reason by service for those it does not lead to.
 */
export const waitForWays = async (ways: readonly Way[], options: WaysOptions): Promise<Map<string, string>> => {
  const reasons = await Promise.all(ways.map((way) => waitForWay(way, options)))
  return new Map(
    ways.flatMap(({ service }, at) => {
      const reason = reasons[at]
      return reason === undefined ? [] : [[service, reason]]
    }),
  )
}

const waitForWay = async (way: Way, { deadlineSeconds = 30, unknownSeconds = 3, ...options }: WaysOptions) => {
  const begun = performance.now()
  for (;;) {
    const answer = await ask(way, options)
    const seconds = (performance.now() - begun) / 1000
    if (answer.from === 'service' || options.signal.aborted) return undefined
    if (answer.status === 404 && seconds >= unknownSeconds) return undefined
    if (seconds >= deadlineSeconds)
      return `Route: the gateway answers ${answer.status} for ${way.path} (${answer.words}): it cannot reach the service`
    await sleep(100)
  }
}

type Answer =
  | { readonly from: 'service' }
  | { readonly from: 'gateway'; readonly status: number; readonly words: string }

/** What Traefik says by itself, for want of a route or of somebody behind it. */
const ownWords: ReadonlyMap<number, string> = new Map([
  [404, '404 page not found'],
  [502, 'Bad Gateway'],
  [503, 'no available server'],
  [504, 'Gateway Timeout'],
])

/** Asks with OPTIONS, which asks nothing of a service but what it can be asked. */
const ask = ({ host, path }: Way, { port, signal }: Pick<WaysOptions, 'port' | 'signal'>): Promise<Answer> =>
  new Promise((resolve) => {
    const silent = (words: string): void => resolve({ from: 'gateway', status: 504, words })
    const headers = host === undefined ? {} : { host }
    const asked = request(
      { host: '127.0.0.1', port, path, method: 'OPTIONS', headers, agent: false, timeout: 5000, signal },
      (response) => {
        const status = response.statusCode ?? 0
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          body = (body + chunk).slice(0, 100)
        })
        response.on('error', ({ message }) => silent(message))
        response.on('end', () =>
          resolve(
            ownWords.get(status) === body.trim()
              ? { from: 'gateway', status, words: body.trim() }
              : { from: 'service' },
          ),
        )
      },
    )
    asked.on('timeout', () => asked.destroy(new Error('no answer within 5 s')))
    asked.on('error', ({ message }) => silent(message))
    asked.end()
  })
