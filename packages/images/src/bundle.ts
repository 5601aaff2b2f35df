import { basename, join } from 'node:path'
import type { BuildOptions, Message, OutputFile } from 'esbuild'
import { homebridgeInOneFile } from './homebridge.ts'
import { failure, type Failure } from './outcome.ts'

/** Our programs that become images, and where each begins. */
const programs: Readonly<Record<string, string>> = {
  'backup-todoist': 'services/backup-todoist/src/main.ts',
  'backup-unifi': 'services/backup-unifi/src/main.ts',
  buttons: 'services/buttons/src/main.ts',
  chime: 'services/chime/src/main.ts',
  clocktime: 'services/clocktime/src/main.ts',
  homebridge: 'services/homebridge/src/main.ts',
  keeper: 'platform/keeper/src/main.ts',
  lmz: 'services/lmz/src/main.ts',
  simulators: 'packages/simulators/src/main.ts',
  sonos: 'services/sonos/src/main.ts',
  switches: 'services/switches/src/main.ts',
}

/** Names of our images. */
export const ownImages: readonly string[] = Object.keys(programs)

/** Those that push to a git repository over SSH, or stand for one: they get both programs. */
const gitUsers: ReadonlySet<string> = new Set(['backup-todoist', 'backup-unifi', 'simulators'])

/** Whether an image of ours has git and ssh. */
export const hasGit = (name: string): boolean => gitUsers.has(name)

/** Libraries that came as CommonJS call `require`, which a module has to make for itself. */
const banner = {
  js: "import { createRequire as homesliceRequire } from 'node:module'; const require = homesliceRequire(import.meta.url);",
}

/** Nothing is minified: 70 KB compressed is small enough, and stack traces name what people can look for. */
const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  legalComments: 'none',
  logLevel: 'silent',
  banner,
} as const satisfies BuildOptions

type Bundled = { readonly ok: true; readonly files: readonly OutputFile[] } | Failure

/**
 * A library asks for `cpu-features` only to be faster where that was compiled, and does without. `__dirname` is where the
 * program lies in its image: a module has none.
 */
const forLibraries = { external: ['cpu-features'], define: { __dirname: '"/app"' } } as const satisfies BuildOptions

/** Runs esbuild, and says in a sentence what is wrong with the sources. */
const bundle = async (root: string, options: BuildOptions): Promise<Bundled> => {
  // Loaded only to build: a released command comes without it.
  const { build } = await import('esbuild')
  try {
    const { outputFiles } = await build({ ...common, ...options, absWorkingDir: root, write: false })
    return { ok: true, files: outputFiles }
  } catch (error) {
    // Anything else is a bug of ours, to be seen as it is.
    /* v8 ignore next -- @preserve */
    if (!(error instanceof Error && 'errors' in error)) throw error
    const [{ location, text }] = error.errors as [Message]
    const at = location ? `${location.file}:${location.line}:${location.column + 1}: ` : ''
    return failure(`the sources cannot be bundled: ${at}${text}`, 'mend that, then run this again')
  }
}

/** The bundles of our images: name to text. */
export type Bundles = Readonly<Record<string, string>>

/** Bundles each program that becomes an image: one file with all that it needs. Nothing is written. */
export const bundleServices = async (
  root: string,
): Promise<{ readonly ok: true; readonly bundles: Bundles } | Failure> => {
  // The names of the outputs lead back to the programs; the folder is never made.
  const entryPoints = Object.fromEntries(Object.entries(programs).map(([name, entry]) => [name, join(root, entry)]))
  const bundled = await bundle(root, {
    ...forLibraries,
    entryPoints,
    outdir: join(root, 'dist', 'services'),
    plugins: [homebridgeInOneFile],
  })
  if (!bundled.ok) return bundled
  const texts = bundled.files.map(({ path, text }) => [basename(path, '.js'), text] as const)
  return { ok: true, bundles: Object.fromEntries(texts.toSorted(([a], [b]) => (a < b ? -1 : 1))) }
}

/** Bundles the command: `cli.mjs`, and below `cli/` a chunk for each part that is loaded only when it is needed. */
export const bundleCommandFiles = (root: string): Promise<Bundled> =>
  bundle(root, {
    entryPoints: { cli: join(root, 'apps/cli/src/main.ts') },
    outdir: join(root, 'dist'),
    outExtension: { '.js': '.mjs' },
    splitting: true,
    chunkNames: 'cli/[name]-[hash]',
    external: ['esbuild'],
  })
