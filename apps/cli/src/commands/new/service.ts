import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { lstat, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { homePath, shortPath } from '../../home-file.ts'
import { type Change, make } from '../../new/change.ts'
import { edits } from '../../new/edits.ts'
import { withService } from '../../new/home-entry.ts'
import { type Names, namesOf, takenBy } from '../../new/names.ts'
import { filesOf } from '../../new/templates.ts'
import { type Failure, failed, type Outcome } from '../../outcome.ts'

type NewFlags = { readonly file?: string; readonly json: boolean }

type Planned =
  | {
      readonly ok: true
      readonly names: Names
      readonly change: Change
      readonly home: string
      readonly leftOut: readonly string[]
      /** Whether what is installed is what the lock file says now. */
      readonly installed: boolean
    }
  | { readonly ok: false; readonly exit: 1 | 2; readonly error: Failure }

/** `homeslice new service NAME`: a whole service in this checkout, entered in the catalog and in the home file. */
export const newService = async (context: Context, flags: NewFlags, name: string): Promise<Outcome> => {
  const nothing = { service: name, files: [] }
  const { checkout } = context
  if (checkout === undefined) {
    const fix = 'clone the repository and run ./homeslice there'
    return failed(
      1,
      { message: 'a service is made in a checkout of Homeslice, and this is a released command', fix },
      nothing,
    )
  }
  // Every file is made in memory, and read back where it can be, before the first is written.
  const planned = await plan(context, checkout, { name, file: flags.file })
  if (!planned.ok) return failed(planned.exit, planned.error, nothing)
  const { change, names, home, leftOut } = planned
  const made = await make(change)
  if (!made.ok) {
    const fix = 'look at the rights of the checkout and the free disk'
    return failed(1, { message: `nothing was made: ${made.message}`, fix }, nothing)
  }
  const before = await keep(pinnedFiles(checkout, names))
  const trouble = await finish(checkout, planned)
  if (trouble !== undefined) {
    await made.undo()
    await putBack(before)
    return failed(1, { message: `nothing was made: ${trouble}`, fix: 'mend that, then run this again' }, nothing)
  }
  const files = [...Object.keys(change.added), ...Object.keys(change.changed)].map((path) => shortPath(context, path))
  return {
    exit: 0,
    document: { service: name, files, home: shortPath(context, home), leftOut },
    text: [
      ...files.map((file) => `wrote ${file}`),
      ...leftOut.map((env) => `it is left out of ${env}, whose budget has no room for it`),
      `next: ./homeslice test --quick, ./homeslice dev, then make services/${name}/src/app.ts your own`,
    ].join('\n'),
  }
}

const plan = async (
  context: Context,
  checkout: string,
  { name, file }: { readonly name: string; readonly file: string | undefined },
): Promise<Planned> => {
  const refuse = (message: string, fix: string, exit: 1 | 2 = 1): Planned => ({
    ok: false,
    exit,
    error: { message, fix },
  })
  const named = namesOf(name)
  if (!named.ok) return { ok: false, exit: 2, error: named.error }
  const { names } = named
  const taken = takenBy(checkout, names)
  if (taken !== undefined) return refuse(`"${name}" is taken: there is ${taken}`, 'choose another name')
  const changed: Record<string, string> = {}
  for (const [path, edit] of Object.entries(edits)) {
    const text = edit(await readFile(join(checkout, path), 'utf8'), names)
    if (text === undefined)
      return refuse(
        `${path} does not look as this command knows it`,
        'update Homeslice, or enter the service by hand as its neighbours are',
      )
    changed[join(checkout, path)] = text
  }
  const home = homePath(context, file, { example: true })
  const short = shortPath(context, home)
  const before = await readFile(home, 'utf8').catch(() => undefined)
  if (before === undefined)
    return refuse(`${short} cannot be read`, 'name the home file with --file, or write one with `homeslice init`', 2)
  const entered = withService(before, name)
  if (!entered.ok) return refuse(`${short}: ${entered.message}`, 'or name another home file with --file')
  changed[home] = entered.text
  const added = Object.fromEntries(Object.entries(filesOf(names)).map(([path, text]) => [join(checkout, path), text]))
  const [lock, marker] = await keep([join(checkout, 'package-lock.json'), markerOf(checkout)])
  const installed = lock?.[1] === marker?.[1]
  return { ok: true, names, home, installed, leftOut: entered.leftOut, change: { added, changed } }
}

const linkOf = (checkout: string, { name }: Names): string => join(checkout, 'node_modules', '@homeslice', name)
const markerOf = (checkout: string): string => join(checkout, 'node_modules', '.made-from-lock.json')

/** What the project's own tools write: pages and pinned files, and the mark of what is installed. */
const pinnedFiles = (checkout: string, names: Names): string[] => [
  linkOf(checkout, names),
  markerOf(checkout),
  ...[
    'images.lock.json',
    'docs/home-file.md',
    `docs/reference/${names.name}.md`,
    `docs/reference/openapi/${names.name}.json`,
    'packages/render/golden/example.prod.yaml',
    'packages/render/golden/example.staging.yaml',
  ].map((path) => join(checkout, path)),
]

type Kept = readonly (readonly [path: string, text: string | undefined])[]

const keep = (paths: readonly string[]): Promise<Kept> =>
  Promise.all(paths.map(async (path) => [path, await readFile(path, 'utf8').catch(() => undefined)] as const))

const putBack = async (kept: Kept): Promise<void> => {
  for (const [path, text] of kept) await (text === undefined ? rm(path, { force: true }) : writeFile(path, text))
}

/** What the project's own tools make of the new sources: links, layout, pinned files, names of images. A sentence if one fails. */
const finish = async (
  checkout: string,
  { names, change, installed }: Pick<Extract<Planned, { ok: true }>, 'names' | 'change' | 'installed'>,
): Promise<string | undefined> => {
  await link(checkout, names, installed)
  const written = [...Object.keys(change.added), ...Object.keys(change.changed)].filter((path) => path.endsWith('.ts'))
  const laidOut = await run(checkout, 'node_modules/.bin/oxfmt', [...written, ...docs(change)])
  if (laidOut !== undefined) return laidOut
  const example = join(checkout, 'home', 'example.yaml') in change.changed
  const pages = ['packages/catalog/src/openapi.test.ts', 'packages/config/src/reference.test.ts']
  const pins = [...pages, ...(example ? ['packages/render/src/render.test.ts'] : [])]
  const pinned = await run(checkout, 'node_modules/.bin/vitest', ['run', '--project', 'quick', ...pins, '--update'])
  if (pinned !== undefined) return pinned
  // A process of its own: this one has loaded the list of programs as it was. The last step, or bundles would stay behind.
  return run(checkout, 'toolchain/build.ts', [])
}

const docs = ({ added }: Change): string[] => Object.keys(added).filter((path) => path.endsWith('.md'))

/** Links the new workspace as npm would, so that nothing has to be installed again. */
const link = async (checkout: string, names: Names, installed: boolean): Promise<void> => {
  const path = linkOf(checkout, names)
  const there = await lstat(path).catch(() => undefined)
  if (there === undefined && existsSync(join(checkout, 'node_modules', '@homeslice'))) {
    await symlink(`../../services/${names.name}`, path)
  }
  if (installed) await writeFile(markerOf(checkout), await readFile(join(checkout, 'package-lock.json')))
}

const run = (checkout: string, tool: string, words: readonly string[]): Promise<string | undefined> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(checkout, tool), ...words],
      { cwd: checkout, encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (error === null) return resolve(undefined)
        const last = `${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n')
        resolve(`${tool} ended with ${error.code ?? error.signal}:\n${last}`)
      },
    )
  })
