import { spawn, type ChildProcess } from 'node:child_process'
import { run, type Finished, type RunOptions } from './command.ts'
import { foldersFrom, placesOf } from './folders.ts'
import { kubectl } from './kubectl.ts'
import { failure, type Outcome } from './outcome.ts'
import { allProcesses, treeOf } from './processes.ts'
import { need, type SandboxOptions } from './use.ts'

/** Which pod is meant. */
export type PodName = { readonly namespace: string; readonly pod: string }

/** The number, on this machine, of the first process of a running pod. */
export const podProcess = async (
  options: SandboxOptions,
  { namespace, pod }: PodName,
): Promise<Outcome<{ pid: number }>> => {
  const { name, folders = foldersFrom(process.env) } = options
  const found = need(folders, name)
  if (!found.ok) return found
  const args = ['get', 'pod', pod, `--namespace=${namespace}`, '--output=jsonpath={.metadata.uid}']
  const asked = await kubectl(folders, placesOf(folders, name), args)
  const own = treeOf(allProcesses(), found.running.inner).filter((it) => it.pod === asked.stdout.trim())
  const [first] = own.toSorted((a, b) => a.pid - b.pid)
  if (asked.code === 0 && first) return { ok: true, pid: first.pid }
  return failure(`no pod ${pod} runs in ${namespace}: ${asked.stderr.trim()}`, 'look at it: kubectl describe pod')
}

/**
 * Runs a program of this machine in a pod's network: what it can reach, the pod
 * can. The pod needs neither a shell nor the program, and cannot tell.
 */
export const runInPod = async (
  options: SandboxOptions,
  pod: PodName,
  command: readonly string[],
  how: RunOptions = {},
): Promise<Outcome<{ finished: Finished }>> => {
  const found = await podProcess(options, pod)
  if (!found.ok) return found
  return { ok: true, finished: await run(['nsenter', '-t', String(found.pid), '-n', '--', ...command], how) }
}

/** Starts a program of this machine in a pod's network and leaves it running; the caller ends it. */
export const spawnInPod = async (
  options: SandboxOptions,
  pod: PodName,
  command: readonly string[],
): Promise<Outcome<{ child: ChildProcess }>> => {
  const found = await podProcess(options, pod)
  if (!found.ok) return found
  return { ok: true, child: spawn('nsenter', ['-t', String(found.pid), '-n', '--', ...command], { stdio: 'pipe' }) }
}
