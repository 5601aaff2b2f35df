import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Folders, Places } from '../folders.ts'
import { kubectl } from '../kubectl.ts'
import { failure, type Outcome, type Report } from '../outcome.ts'
import type { Running } from '../running.ts'
import { inTask } from '../task.ts'

/** Waits until the node takes pods. */
export const waitForNode = (folders: Folders, places: Places, running: Running, report: Report): Promise<Outcome> =>
  inTask('node', report, async () => {
    const args = ['get', 'nodes', '--output=json']
    const ready = await waitUntil(60, async () => {
      const answer = await kubectl(folders, places, args, { timeout: 5000 })
      return answer.code === 0 && nodeIsReady(JSON.parse(answer.stdout), running.since)
    })
    if (ready) return { ok: true }
    return failure('the node does not become ready', `read kubelet.log and containerd.log in ${places.logs}`)
  })

/** What waiting for the parts needs to know. */
export type PartsOptions = {
  readonly folders: Folders
  readonly places: Places
  readonly running: Running
  readonly report: Report
  /** Port of the gateway on 127.0.0.1. */
  readonly port: number
}

/** Waits until DNS and the gateway work. */
export const waitForParts = async (options: PartsOptions): Promise<Outcome> => {
  const dns = inTask('DNS', options.report, () => waitForPod(options, 'kube-system', 'k8s-app=kube-dns'))
  const gateway = inTask('gateway', options.report, async () => {
    const pod = await waitForPod(options, 'homeslice-gateway', 'app.kubernetes.io/name=traefik')
    if (!pod.ok) return pod
    // The way to the pod is laid by other programs than the one that says it is ready.
    if (await waitUntil(30, () => answers(options.port))) return { ok: true }
    return failure(
      `the gateway does not answer on 127.0.0.1:${options.port}`,
      `read kube-proxy.log in ${options.places.logs}`,
    )
  })
  const ended = await Promise.all([dns, gateway])
  return ended.find(({ ok }) => !ok) ?? { ok: true }
}

const waitForPod = async (options: PartsOptions, namespace: string, selector: string): Promise<Outcome> => {
  const { folders, places, running } = options
  const args = ['get', 'pods', `--namespace=${namespace}`, `--selector=${selector}`, '--output=json']
  const ready = await waitUntil(120, async () => {
    const answer = await kubectl(folders, places, args, { timeout: 5000 })
    return answer.code === 0 && podIsReady(JSON.parse(answer.stdout), running.since)
  })
  if (ready) return { ok: true }
  return failure(
    `no pod of ${selector} in ${namespace} becomes ready`,
    `look at its events: kubectl --kubeconfig ${places.kubeconfig} --namespace ${namespace} describe pods`,
  )
}

const answers = async (port: number): Promise<boolean> => {
  try {
    await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2000) })
    return true
  } catch {
    return false
  }
}

const waitUntil = async (seconds: number, holds: () => Promise<boolean>): Promise<boolean> => {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(150)) {
    if (await holds()) return true
  }
  return false
}

const condition = z.object({
  type: z.string(),
  status: z.string(),
  lastTransitionTime: z.string().optional(),
  lastHeartbeatTime: z.string().optional(),
})
const item = z.object({
  status: z.object({ conditions: z.array(condition).optional() }).optional(),
})
const list = z.object({ items: z.array(item) })

// The API server tells what it was told last, which may be from before the sandbox stopped: only news count.
// Times have whole seconds.
const isNews = (time: string | undefined, since: Date): boolean =>
  time !== undefined && Date.parse(time) >= Math.floor(since.getTime() / 1000) * 1000

/** Whether a list of nodes has one that a kubelet started after `since` calls ready. */
export const nodeIsReady = (answer: unknown, since: Date): boolean =>
  list.parse(answer).items.some(({ status }) => {
    const ready = readyOf(status)
    return ready?.status === 'True' && isNews(ready.lastHeartbeatTime, since)
  })

/** Whether a list of pods has one that became ready after `since`. */
export const podIsReady = (answer: unknown, since: Date): boolean =>
  list.parse(answer).items.some(({ status }) => {
    const ready = readyOf(status)
    return ready?.status === 'True' && isNews(ready.lastTransitionTime, since)
  })

const readyOf = (status: z.infer<typeof item>['status']) => status?.conditions?.find(({ type }) => type === 'Ready')
