import { cp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Our programs that become images, and where each begins. */
const programs: Readonly<Record<string, string>> = {
  buttons: 'services/buttons/src/main.ts',
  clocktime: 'services/clocktime/src/main.ts',
  simulators: 'packages/simulators/src/main.ts',
  switches: 'services/switches/src/main.ts',
}

/** Names of our images. */
export const ownImages: readonly string[] = Object.keys(programs)

/** Libraries that came as CommonJS call `require`, which a module has to make for itself. */
const banner = {
  js: "import { createRequire as homesliceRequire } from 'node:module'; const require = homesliceRequire(import.meta.url);",
}

const common = (root: string) =>
  ({
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    legalComments: 'none',
    logLevel: 'silent',
    banner,
  }) as const

/** Bundles each program into `dist/services/<name>.mjs`: one file, no `node_modules` beside it. */
export const bundleServices = async (root: string): Promise<Record<string, string>> => {
  const out = (name: string): string => join(root, 'dist', 'services', `${name}.mjs`)
  await Promise.all(
    Object.entries(programs).map(([name, entry]) =>
      build({ ...common(root), entryPoints: [join(root, entry)], outfile: out(name) }),
    ),
  )
  const texts = await Promise.all(ownImages.map(async (name) => [name, await readFile(out(name), 'utf8')] as const))
  return Object.fromEntries(texts)
}

/** Bundles the command into `dist/cli.mjs`, with a chunk for each part that is loaded only when it is needed. */
export const bundleCommand = async (root: string): Promise<void> => {
  await rm(join(root, 'dist', 'cli'), { recursive: true, force: true })
  await build({
    ...common(root),
    entryPoints: { cli: join(root, 'apps/cli/src/main.ts') },
    outdir: join(root, 'dist'),
    outExtension: { '.js': '.mjs' },
    splitting: true,
    chunkNames: 'cli/[name]-[hash]',
    external: ['esbuild'],
  })
  // The sandbox finds the sources of its programs beside the folder that it runs from.
  await cp(join(root, 'packages/sandbox/kube'), join(root, 'dist/kube'), { recursive: true })
}
