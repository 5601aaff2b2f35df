import { request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Applied, Readiness } from '@homeslice/cluster'
import type { KubeObject } from '@homeslice/render'
import { serviceOf } from '@homeslice/plan'
import type { Gateway } from './addresses.ts'

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

/** What has just been applied, and where its gateway answers, if that is known. */
type Following = {
  readonly objects: readonly KubeObject[]
  readonly gateway: Gateway
  readonly signal: AbortSignal
}

/** Each service as whoever comes through the gateway finds it, and what of it could not be seen, in sentences. */
export type Followed = { readonly services: readonly Readiness[]; readonly notes: readonly string[] }

/**
 * Follows the ways to what was applied. That the sandbox's own gateway is away is a failure; a gateway elsewhere may be
 * one that this machine has no way to.
 */
export const followWays = async (
  { created, updated, services }: Applied,
  { objects, gateway, signal }: Following,
): Promise<Followed> => {
  if (gateway === undefined || created + updated === 0) return { services, notes: [] }
  const ready = new Set(services.filter((one) => one.ready).map(({ name }) => name))
  const ways = waysOf(objects).filter(({ service }) => ready.has(service))
  const [isOurs, base] = 'http' in gateway ? [true, `http://127.0.0.1:${gateway.http}`] : [false, gateway.url]
  const [first] = ways
  if (!isOurs && first !== undefined && !(await isInReach(base, signal))) {
    return { services, notes: [`  nobody answers at ${base} from here: whether it leads to the services was not seen`] }
  }
  const reasons = await waitForWays(ways, { base, signal })
  const found = services.map((one) => {
    const reason = reasons.get(one.name)
    return reason === undefined ? one : { ...one, ready: false, reason }
  })
  return { services: found, notes: [] }
}

const isInReach = async (base: string, signal: AbortSignal): Promise<boolean> => {
  const answer = await ask({ service: '', path: '/' }, { base, signal, seconds: 3 })
  return answer.from !== 'nobody'
}

type RouteSpec = {
  readonly hostnames?: readonly string[]
  readonly rules: readonly {
    readonly matches?: readonly { readonly path: { readonly value: string } }[]
    readonly backendRefs?: readonly unknown[]
  }[]
}

/** What waiting for ways needs to know. */
export type WaysOptions = {
  /** The URL at which the gateway answers. */
  readonly base: string
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
    if (answer.from === 'gateway' && answer.status === 404 && seconds >= unknownSeconds) return undefined
    if (seconds >= deadlineSeconds) return reasonFor(way, answer)
    await sleep(100)
  }
}

const reasonFor = ({ path }: Way, answer: Exclude<Answer, { from: 'service' }>): string =>
  answer.from === 'gateway'
    ? `Route: the gateway answers ${answer.status} for ${path} (${answer.words}): it cannot reach the service`
    : `Route: the gateway does not answer for ${path}: ${answer.words}`

type Answer =
  | { readonly from: 'service' }
  | { readonly from: 'nobody'; readonly words: string }
  | { readonly from: 'gateway'; readonly status: number; readonly words: string }

/** What Traefik says by itself, for want of a route or of somebody behind it. */
const ownWords: ReadonlyMap<number, string> = new Map([
  [404, '404 page not found'],
  [502, 'Bad Gateway'],
  [503, 'no available server'],
  [504, 'Gateway Timeout'],
])

type Asking = Pick<WaysOptions, 'base' | 'signal'> & {
  /** How long an answer may take. @default 5 */
  readonly seconds?: number
}

/** Asks with OPTIONS, which asks nothing of a service but what it can be asked. */
const ask = ({ host, path }: Way, { base, signal, seconds = 5 }: Asking): Promise<Answer> =>
  new Promise((resolve) => {
    const silent = (words: string): void => resolve({ from: 'nobody', words })
    const url = new URL(base)
    const request = url.protocol === 'https:' ? secureRequest : plainRequest
    // Who signed the certificate of the gateway is no question here: nothing is told to it, and nothing it says is trusted.
    const common = { method: 'OPTIONS', agent: false, timeout: seconds * 1000, signal, rejectUnauthorized: false }
    const headers = host === undefined ? {} : { host }
    const asked = request({ ...common, host: url.hostname, port: url.port, path, headers }, (response) => {
      const status = response.statusCode ?? 0
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body = (body + chunk).slice(0, 100)
      })
      response.on('error', ({ message }) => silent(message))
      response.on('end', () =>
        resolve(
          ownWords.get(status) === body.trim() ? { from: 'gateway', status, words: body.trim() } : { from: 'service' },
        ),
      )
    })
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${seconds} s`)))
    asked.on('error', ({ message }) => silent(message))
    asked.end()
  })
