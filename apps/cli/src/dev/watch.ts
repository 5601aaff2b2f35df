import { existsSync, type FSWatcher, watch } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** How long to wait for a save to be whole, in milliseconds: editors write, rename and touch. */
const settle = 60

/** Watches folders of a checkout for sources that change, and tells which; folders may be added. */
export const watchSources = (checkout: string, onChange: (folders: ReadonlySet<string>) => void) => {
  const watchers = new Map<string, FSWatcher>()
  const changed = new Set<string>()
  const tell = debounced(() => {
    const folders = new Set(changed)
    changed.clear()
    onChange(folders)
  })
  const add = (folder: string): void => {
    const sources = join(checkout, folder, 'src')
    if (watchers.has(folder) || !existsSync(sources)) return
    const watcher = watch(sources, { recursive: true }, (_, name) => {
      if (name === null || !name.endsWith('.ts') || /\.(test|testing)\.ts$/u.test(name)) return
      changed.add(folder)
      tell()
    })
    // A folder that is removed while it is watched is none of ours any more.
    watcher.on('error', () => watchers.delete(folder))
    watchers.set(folder, watcher)
  }
  return {
    add: (folders: Iterable<string>): void => {
      for (const folder of folders) add(folder)
    },
    stop: (): void => {
      for (const watcher of watchers.values()) watcher.close()
    },
  }
}

/** Watches one file, whether it is written in place or replaced; those beside it too, since it may name them. */
export const watchBeside = (path: string, onChange: () => void): { readonly stop: () => void } => {
  const tell = debounced(onChange)
  const watcher = watch(dirname(path), (_, name) => {
    // What editors leave beside a file while they write: no reason to read it again.
    if (name === null || (name !== basename(path) && /^\.|~$|\.sw[a-z]$|^4913$/u.test(name))) return
    tell()
  })
  watcher.on('error', () => watcher.close())
  return { stop: () => watcher.close() }
}

const debounced = (call: () => void): (() => void) => {
  let timer: NodeJS.Timeout | undefined
  return () => {
    clearTimeout(timer)
    timer = setTimeout(call, settle)
  }
}
