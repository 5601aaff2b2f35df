import { cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { builtFolder, sourceOf } from './built.ts'
import { lastLines, run, type Finished } from './command.ts'
import type { Folders } from './folders.ts'
import { findGo, type Go } from './go.ts'
import { failure, type Failure, type Outcome, type Report } from './outcome.ts'
import { goFlags, recipes, type Recipe } from './recipes.ts'

/** The recipes that are not built yet, in build order. */
export const notBuilt = (folders: Folders, wanted: readonly Recipe[] = recipes): Recipe[] =>
  wanted.filter((recipe) => !existsSync(builtFolder(folders, recipe)))

/** Builds what is missing, one after the other. Each recipe appears in the cache whole or not at all. */
export const build = async (
  folders: Folders,
  report: Report,
  wanted: readonly Recipe[] = recipes,
): Promise<Outcome<{ built: string[] }>> => {
  const missing = notBuilt(folders, wanted)
  if (missing.length === 0) return { ok: true, built: [] }
  const needsGo = missing.some(({ kind }) => kind === 'go')
  const found = needsGo
    ? await findGo(folders, report)
    : ({ ok: true, go: { program: 'go', env: process.env } } as const)
  if (!found.ok) return found
  const fetching = new AbortController()
  void fetchAhead(missing, found.go, fetching.signal)
  const failed = await buildAll(folders, report, missing, found.go)
  fetching.abort()
  return failed ?? { ok: true, built: missing.map((recipe) => recipe.name) }
}

const buildAll = async (
  folders: Folders,
  report: Report,
  missing: readonly Recipe[],
  go: Go,
): Promise<Failure | undefined> => {
  for (const recipe of missing) {
    const task = `build ${recipe.name}`
    report({ task, state: 'start' })
    const onLines = (count: number) => report({ task, state: 'progress', detail: `${count} packages` })
    const failed = await buildOne(folders, recipe, { ...go, onLines })
    if (failed) {
      report({ task, state: 'failed', detail: failed.message })
      return failed
    }
    report({ task, state: 'done' })
  }
  return undefined
}

// Modules are fetched while earlier recipes compile: one waits for the network, the other for the processor.
// What fails here fails again in the build, which says so.
const fetchAhead = async (missing: readonly Recipe[], go: Go, signal: AbortSignal): Promise<void> => {
  for (const recipe of missing.filter(({ kind }) => kind === 'go')) {
    const args = ['list', '-deps', ...(recipe.tags ? ['-tags', recipe.tags] : []), ...recipe.packages]
    if (signal.aborted) return
    await run([go.program, ...args], { cwd: sourceOf(recipe), env: go.env, signal })
  }
}

type Builder = Go & { readonly onLines: (count: number) => void }

const buildOne = async (folders: Folders, recipe: Recipe, go: Builder): Promise<Failure | undefined> => {
  const target = builtFolder(folders, recipe)
  const work = `${target}.${process.pid}.new`
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const result = recipe.kind === 'go' ? await compileGo(recipe, go, work) : await compileC(recipe, work)
  const copied = result.code === 0 ? await takeFiles(recipe, go, work) : result
  if (copied.code !== 0) {
    rmSync(work, { recursive: true, force: true })
    return failure(
      `building ${recipe.name} failed (exit ${copied.code}):\n${lastLines(copied.stderr, 12)}`,
      'read the lines above; a refused download is often gone at the next try: run the same command again',
    )
  }
  for (const alias of recipe.aliases ?? []) symlinkSync(recipe.program ?? recipe.name, join(work, alias))
  // Another build of the same recipe may have been faster; both are the same.
  if (existsSync(target)) rmSync(work, { recursive: true })
  else renameSync(work, target)
  return undefined
}

const compileGo = async (recipe: Recipe, go: Builder, work: string): Promise<Finished> => {
  const own = recipe.packages.includes('.')
  const link = [...goFlags.link, ...(recipe.values ?? []).map((value) => `-X ${value}`)].join(' ')
  // With -v it names each package that it compiles, which is the only sign of life in minutes.
  const args = ['build', '-v', ...goFlags.command, ...(recipe.tags ? ['-tags', recipe.tags] : []), '-ldflags', link]
  const output = own ? join(work, recipe.program ?? recipe.name) : `${work}/`
  return run([go.program, ...args, '-o', output, ...recipe.packages], {
    cwd: sourceOf(recipe),
    env: { ...go.env, CGO_ENABLED: recipe.cgo ? '1' : '0' },
    onLines: go.onLines,
  })
}

const compileC = (recipe: Recipe, work: string): Promise<Finished> =>
  run(['cc', '-Os', '-static', '-s', '-o', join(work, recipe.program ?? recipe.name), 'main.c'], {
    cwd: sourceOf(recipe),
  })

const takeFiles = async (recipe: Recipe, go: Go, work: string): Promise<Finished> => {
  const done: Finished = { code: 0, stdout: '', stderr: '' }
  for (const { module, from, to } of recipe.files ?? []) {
    const listed = await run([go.program, 'list', '-m', '-f', '{{.Dir}}', module], {
      cwd: sourceOf(recipe),
      env: go.env,
    })
    const folder = listed.stdout.trim()
    if (listed.code !== 0 || folder === '') return { ...listed, code: listed.code || 1 }
    // The module cache is read-only, and such folders could not be removed again.
    cpSync(join(folder, from), join(work, to), { recursive: true, mode: 0 })
    await run(['chmod', '-R', 'u+w', join(work, to)])
  }
  return done
}
