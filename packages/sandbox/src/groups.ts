import { existsSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const mount = '/sys/fs/cgroup'

/** Removes the control groups that ended pods left behind. A group can be removed once its last process is gone, so this tries for two seconds. */
export const removeGroups = async (group: string): Promise<void> => {
  for (let tries = 0; tries < 20; tries++) {
    const left = roots(group).filter((root) => !removeTree(root))
    if (left.length === 0) return
    await sleep(100)
  }
}

const roots = (group: string): string[] =>
  [mount, ...foldersIn(mount)].map((hierarchy) => join(hierarchy, group)).filter((path) => existsSync(path))

const foldersIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name))

const removeTree = (folder: string): boolean => {
  try {
    for (const inner of foldersIn(folder)) removeTree(inner)
    rmdirSync(folder)
    return true
  } catch {
    return !existsSync(folder)
  }
}
