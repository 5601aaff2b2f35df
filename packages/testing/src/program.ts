import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import type { StartRow } from './contract/row.ts'
import { type Ended, root, run, type Running, start } from './command.ts'
import { temporaryFolder } from './folder.ts'

/** Bundles one of our programs as it ships, once per test file, and gives the path of the bundle. */
export const bundled = async (entry: string, folder: string, plugins: Plugin[] = []): Promise<string> => {
  const outfile = join(folder, 'main.mjs')
  await build({
    absWorkingDir: root,
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'silent',
    plugins,
    banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
  })
  return outfile
}

/** A port that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** A program that runs on ports of its own. */
export type Program = Running & { readonly port: number; readonly metricsPort: number }

/** Starts a bundle and waits until it listens. */
export const startProgram = async (
  bundle: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Program> => {
  const [port, metricsPort] = [await freePort(), await freePort()]
  const running = start(process.execPath, [bundle, ...args], {
    env: { ...env, PORT: String(port), METRICS_PORT: String(metricsPort) },
  })
  await running.shows('"msg":"listening"')
  return { ...running, port, metricsPort }
}

/** Starts a bundle wrongly, and says how it ended. */
export const startWrongly = async (bundle: string, { args, env }: StartRow): Promise<Ended> => {
  const folder = await temporaryFolder()
  await mkdir(folder, { recursive: true })
  const files = await Promise.all(
    args.map(async (arg, index) => {
      const text = /^FILE\((.*)\)$/su.exec(arg)?.[1]
      if (text === undefined) return arg
      const path = join(folder, `${index}.json`)
      await writeFile(path, text)
      return path
    }),
  )
  return run(process.execPath, [bundle, ...files], { env })
}
