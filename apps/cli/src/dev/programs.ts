import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Our programs as they can be run here: the sources of a checkout, else the bundles beside a released command. */
export type Programs = {
  /** The file to run for an image; nothing if there is none. */
  readonly entryOf: (image: string) => string | undefined
  /** Folders of the checkout whose sources the program is made of; none in a released command. */
  readonly foldersOf: (image: string) => readonly string[]
}

/** Finds programs in a checkout, or in the folder of the released command. */
export const programsIn = (checkout: string | undefined, command: string): Programs =>
  checkout === undefined ? bundles(command) : sources(checkout)

const bundles = (command: string): Programs => ({
  entryOf: (image) => existing(join(command, 'services', `${image}.mjs`)),
  foldersOf: () => [],
})

const sources = (checkout: string): Programs => {
  const folderOf = (image: string): string | undefined =>
    [`services/${image}`, `packages/${image}`].find((folder) => existsSync(join(checkout, folder, 'src', 'main.ts')))
  return {
    entryOf: (image) => {
      const folder = folderOf(image)
      return folder && join(checkout, folder, 'src', 'main.ts')
    },
    foldersOf: (image) => {
      const folder = folderOf(image)
      return folder === undefined ? [] : [...withDependencies(checkout, folder, new Set())]
    },
  }
}

const existing = (path: string): string | undefined => (existsSync(path) ? path : undefined)

/** A workspace and every other one of ours that it says it needs. */
const withDependencies = (checkout: string, folder: string, found: Set<string>): Set<string> => {
  if (found.has(folder) || !existsSync(join(checkout, folder, 'package.json'))) return found
  found.add(folder)
  const { dependencies = {} } = JSON.parse(readFileSync(join(checkout, folder, 'package.json'), 'utf8')) as {
    readonly dependencies?: Readonly<Record<string, string>>
  }
  for (const name of Object.keys(dependencies)) {
    if (name.startsWith('@homeslice/'))
      withDependencies(checkout, `packages/${name.slice('@homeslice/'.length)}`, found)
  }
  return found
}
