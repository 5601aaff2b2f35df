import { join } from 'node:path'
import { builtNames } from './built.ts'
import { run, type Finished, type RunOptions } from './command.ts'
import type { Folders, Places } from './folders.ts'

/** Runs the sandbox's own kubectl against it. */
export const kubectl = (
  folders: Folders,
  places: Places,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> =>
  run([kubectlPath(folders), `--kubeconfig=${places.kubeconfig}`, ...args], {
    ...options,
    // Discovery is cached where the user's own kubectl would look; the sandbox keeps to its own folder.
    env: { ...process.env, KUBECACHEDIR: join(places.root, 'kubectl-cache') },
  })

/** Where the kubectl that was built for the sandbox lies. */
export const kubectlPath = (folders: Folders): string => join(folders.cache, 'bin', builtNames().kube, 'kubectl')
