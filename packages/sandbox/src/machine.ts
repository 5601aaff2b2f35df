import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

/** What matters of the machine the sandbox runs on. */
export type Machine = {
  readonly linux: boolean
  readonly root: boolean
  /** Whether overlay file systems can be mounted. */
  readonly overlay: boolean
  /** Whether control groups are of version 2 only. */
  readonly unifiedGroups: boolean
}

/** Looks at the machine: a few small files, no programs run. `state` is the folder that images are unpacked in. */
export const lookAtMachine = (state: string): Machine => ({
  linux: process.platform === 'linux',
  root: process.getuid?.() === 0,
  // A file system that is itself a stack cannot carry another.
  overlay:
    statfsSync(nearest(state)).type !== overlayType &&
    read('/proc/filesystems')
      .split('\n')
      .some((line) => line.endsWith('\toverlay')),
  unifiedGroups: existsSync('/sys/fs/cgroup/cgroup.controllers'),
})

/** Where a program of this name lies: in `PATH`, or in the folders of the system's own tools, which a user's `PATH` often lacks. */
export const findProgram = (name: string, env: NodeJS.ProcessEnv = process.env): string | undefined =>
  [...(env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin', '/bin']
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))

const overlayType = 0x79_4c_76_30

/** The path itself, or the nearest folder above that is there. */
export const nearest = (path: string): string => (existsSync(path) ? path : nearest(dirname(path)))

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
