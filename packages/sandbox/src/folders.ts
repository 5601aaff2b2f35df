import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** Where the sandbox keeps things on this machine. Both are absolute. */
export type Folders = {
  /** What must not be lost: one folder per sandbox under `sandbox/`. */
  readonly state: string
  /** What can be made again: the built programs and images. */
  readonly cache: string
}

/** The folders that `HOMESLICE_STATE` and `HOMESLICE_CACHE` name, else the ones under the home folder. A relative path counts from `from`. */
export const foldersFrom = (env: NodeJS.ProcessEnv, from: string = process.cwd()): Folders => ({
  state: absolute(env.HOMESLICE_STATE || join(homedir(), '.local/state/homeslice'), from),
  cache: absolute(env.HOMESLICE_CACHE || join(homedir(), '.cache/homeslice'), from),
})

const absolute = (path: string, from: string): string => (isAbsolute(path) ? path : join(from, path))

/** The places of one sandbox on this machine. */
export type Places = ReturnType<typeof placesOf>

/** Where the sandbox `name` keeps each thing. */
export const placesOf = (folders: Folders, name: string) => {
  const root = join(folders.state, 'sandbox', name)
  return {
    root,
    settings: join(root, 'settings.json'),
    kubeconfig: join(root, 'kubeconfig'),
    certificates: join(root, 'pki'),
    config: join(root, 'config'),
    plan: join(root, 'config/plan.json'),
    lock: join(root, 'lock'),
    record: join(root, 'running.json'),
    table: join(root, 'programs.json'),
    volumes: join(root, 'volumes'),
    logs: join(root, 'logs'),
    /** The control group of the pods. Groups are the whole machine's, so two state folders must not share a name. */
    group: `/homeslice-${name}-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`,
  }
}

/** The same places as seen from inside the sandbox: short, so that socket paths fit, and the same for every sandbox. */
export const inside = {
  root: '/run/homeslice/state',
  bin: '/run/homeslice/bin',
  certificates: '/run/homeslice/state/pki',
  config: '/run/homeslice/state/config',
  volumes: '/run/homeslice/state/volumes',
} as const
