import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.ts'
import { foldersFrom, placesOf, type Folders } from './folders.ts'
import { install } from './install.ts'
import { kubectl } from './kubectl.ts'
import { start } from './start.ts'
import { destroy } from './stop.ts'
import { partImages } from './systemimages.ts'
import { need } from './use.ts'

/** A sandbox of a test's own, with its state in a temporary folder. */
export type Trial = {
  readonly name: string
  readonly folders: Folders
  /** kubectl against it; throws with what kubectl said when it fails. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>
  readonly apply: (...objects: readonly object[]) => Promise<string>
  /** Asks etcd by its JSON gateway, such as `maintenance/alarm`; throws when it does not answer. */
  readonly etcd: (path: string, body: object) => Promise<unknown>
  readonly remove: () => Promise<void>
}

/** Starts a sandbox for a test. */
export const startTrial = async (name: string, { durable = false } = {}): Promise<Trial> => {
  const { cache } = foldersFrom(process.env)
  const folders = { cache, state: mkdtempSync('/tmp/homeslice-trial-') }
  const installed = await install({ folders })
  if (!installed.ok) throw new Error(installed.message)
  const started = await start({ name, folders, durable })
  if (!started.ok) throw new Error(started.message)
  const places = placesOf(folders, name)
  const call = async (args: readonly string[], input?: string) => {
    const done = await kubectl(folders, places, args, input === undefined ? {} : { input })
    if (done.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${done.stderr}`)
    return done.stdout
  }
  const etcd = async (path: string, body: object): Promise<unknown> => {
    const found = need(folders, name)
    if (!found.ok) throw new Error(found.message)
    const pki = (file: string): string => join(places.certificates, file)
    const identity = [
      '--cacert',
      pki('etcd-ca.crt'),
      '--cert',
      pki('apiserver-etcd.crt'),
      '--key',
      pki('apiserver-etcd.key'),
    ]
    const curl = ['curl', '-sS', '--fail-with-body', ...identity, '-d', JSON.stringify(body)]
    const inNetwork = ['nsenter', '-t', String(found.running.inner), '-n', '--']
    const { code, stdout, stderr } = await run([...inNetwork, ...curl, `https://127.0.0.1:2379/v3/${path}`])
    if (code !== 0) throw new Error(`etcd ${path}: ${stdout}${stderr}`)
    return JSON.parse(stdout)
  }
  return {
    name,
    folders,
    kubectl: call,
    etcd,
    apply: (...objects) =>
      call(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })),
    remove: async () => {
      const removed = await destroy({ name, folders })
      if (!removed.ok) throw new Error(removed.message)
      rmSync(join(folders.state), { recursive: true, force: true })
    },
  }
}

/** A namespace and, in it, pods that only wait. Every pod has the label `app` with its own name. */
export const waitingPods = (namespace: string, ...pods: readonly string[]): object[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  ...pods.map((name) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      containers: [{ name: 'wait', image: partImages().pause, imagePullPolicy: 'Never' }],
    },
  })),
]
