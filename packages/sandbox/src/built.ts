import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Folders } from './folders.ts'
import { goFlags, goVersion, recipes, type Recipe, type RecipeName } from './recipes.ts'

/** The folder that holds the recipes' sources. */
const sourceFolder = join(import.meta.dirname, '../kube')

/** The source folder of one recipe. */
export const sourceOf = (recipe: Recipe): string => join(sourceFolder, recipe.name)

/**
 * The first 12 hex digits of a hash over all that decides what is built: the
 * recipe, its files, the Go release with its flags and the kind of machine.
 */
export const hashOf = (recipe: Recipe, folder: string = sourceOf(recipe), arch: string = process.arch): string => {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([recipe, goVersion, goFlags, arch]))
  for (const path of filesIn(folder)) {
    hash.update(`\0${relative(folder, path)}\0`)
    hash.update(readFileSync(path))
  }
  return hash.digest('hex').slice(0, 12)
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && !path.endsWith('_test.go'))
    .toSorted()

/** The folder in the cache that holds a recipe's programs once they are built. */
export const builtFolder = (folders: Folders, recipe: Recipe): string =>
  join(folders.cache, 'bin', `${recipe.name}-${hashOf(recipe)}`)

/** The folder name, under `bin` of the cache, of each recipe. */
export const builtNames = (): Record<RecipeName, string> =>
  Object.fromEntries(recipes.map((recipe) => [recipe.name, `${recipe.name}-${hashOf(recipe)}`])) as Record<
    RecipeName,
    string
  >
