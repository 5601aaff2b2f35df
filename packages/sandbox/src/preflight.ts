import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { totalmem } from 'node:os'
import { dirname } from 'node:path'
import { run } from './command.ts'
import { notBuilt } from './build.ts'
import { foldersFrom, type Folders } from './folders.ts'
import { findProgram, lookAtMachine, nearest } from './machine.ts'

/** Why this machine cannot host a sandbox, and what to do about it. */
export type Obstacle = { readonly name: ObstacleName; readonly message: string; readonly fix: string }

/** The kinds of obstacles. */
export type ObstacleName =
  | 'not-linux'
  | 'processor'
  | 'not-root'
  | 'namespaces'
  | 'veth'
  | 'nftables'
  | 'cgroups'
  | 'disk-full'
  | 'memory'
  | 'folder'

const elsewhere = 'or name an existing cluster with `cluster.context` in the home file'

/** Everything that keeps this machine from hosting a sandbox; empty when nothing does. Programs that can be installed are no obstacle. */
export const preflight = async (folders: Folders = foldersFrom(process.env)): Promise<Obstacle[]> => {
  const machine = lookAtMachine(folders.state)
  if (!machine.linux) {
    return [
      obstacle(
        'not-linux',
        `the sandbox needs Linux, and this is ${process.platform}`,
        `use a Linux machine, ${elsewhere}`,
      ),
    ]
  }
  const own = [processor(), littleMemory(), badFolder(folders), ...fullDisks(folders)]
  if (!machine.root) {
    return present([
      obstacle('not-root', 'the sandbox needs root, for namespaces and mounts', `run it as root, ${elsewhere}`),
      ...own,
    ])
  }
  return present([...own, controlGroups(), ...(await kernel())])
}

const obstacle = (name: ObstacleName, message: string, fix: string): Obstacle => ({ name, message, fix })

const present = (all: readonly (Obstacle | undefined)[]): Obstacle[] => all.filter((it) => it !== undefined)

const processor = (): Obstacle | undefined =>
  ['x64', 'arm64'].includes(process.arch)
    ? undefined
    : obstacle(
        'processor',
        `the sandbox is built for x64 and arm64, and this is ${process.arch}`,
        `use another machine, ${elsewhere}`,
      )

// Inside, these folders are covered by the sandbox's own.
const covered = ['/run', '/proc']

const badFolder = ({ state, cache }: Folders): Obstacle | undefined => {
  const bad = [state, cache].find((path) => covered.some((root) => path === root || path.startsWith(`${root}/`)))
  return bad === undefined
    ? undefined
    : obstacle(
        'folder',
        `the sandbox cannot keep its files in ${bad}`,
        `set HOMESLICE_STATE and HOMESLICE_CACHE to folders outside ${covered.join(', ')}`,
      )
}

const gib = 1024 ** 3

/** The folders on disks with too little room: what is built needs most, a cluster's objects and images less. */
export const fullDisks = (folders: Folders): Obstacle[] => {
  const missing = notBuilt(folders).length > 0
  const wanted = [
    { path: folders.cache, gigabytes: missing ? 6 : 0.2, variable: 'HOMESLICE_CACHE' },
    { path: folders.state, gigabytes: 1, variable: 'HOMESLICE_STATE' },
  ]
  return wanted.flatMap(({ path, gigabytes, variable }) => {
    const free = statfsSync(nearest(path))
    if (free.bavail * free.bsize >= gigabytes * gib) return []
    const message = `the disk of ${path} has less than ${gigabytes} GiB free`
    return [obstacle('disk-full', message, `make room there, or set ${variable} to a folder on a larger disk`)]
  })
}

// The cluster itself takes about 0.8 GiB.
const littleMemory = (): Obstacle | undefined =>
  totalmem() >= 1.5 * gib
    ? undefined
    : obstacle('memory', 'this machine has less than 1.5 GiB of memory', `use a larger machine, ${elsewhere}`)

const controlGroups = (): Obstacle | undefined => {
  const fix = `in a container, start it privileged and with its own cgroup tree writable, ${elsewhere}`
  const unified = '/sys/fs/cgroup/cgroup.controllers'
  const folder = existsSync(unified) ? dirname(unified) : '/sys/fs/cgroup/memory'
  if (!existsSync(folder)) return obstacle('cgroups', 'the kernel has no control groups for memory', fix)
  try {
    accessSync(folder, constants.W_OK)
    return undefined
  } catch (error) {
    return obstacle('cgroups', `control groups cannot be made here: ${(error as Error).message}`, fix)
  }
}

const kernel = async (): Promise<(Obstacle | undefined)[]> => {
  const apart = ['unshare', '--net', '--mount', '--uts', '--ipc', '--pid', '--fork', '--']
  const entered = await run([...apart, 'true'], { timeout: 10_000 })
  if (entered.code !== 0) {
    const message = `this machine does not let us make namespaces: ${entered.stderr.trim()}`
    return [obstacle('namespaces', message, `in a container, start it privileged, ${elsewhere}`)]
  }
  const tries: readonly [ObstacleName, string, readonly string[]][] = [
    ['veth', 'ip', ['ip', 'link', 'add', 'a0', 'type', 'veth', 'peer', 'name', 'b0']],
    ['nftables', 'nft', ['nft', 'add', 'table', 'ip', 'trial']],
  ]
  return Promise.all(
    tries
      .filter(([, program]) => findProgram(program) !== undefined)
      .map(async ([name, , command]) => {
        const tried = await run([...apart, ...command], { timeout: 10_000 })
        if (tried.code === 0) return undefined
        return obstacle(
          name,
          `the kernel lacks ${name}: ${tried.stderr.trim()}`,
          `load the kernel module, use another kernel, ${elsewhere}`,
        )
      }),
  )
}
