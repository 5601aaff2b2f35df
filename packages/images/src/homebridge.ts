import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'

/** How HAP-NodeJS reads its own manifest, and how it is put into the bundle instead. */
const readsManifest =
  /JSON\.parse\(\(0, node_fs_1\.readFileSync\)\(require\.resolve\(("[./]+package\.json")\), "utf-8"\)\)/gu

/**
 * Lets Homebridge become part of one file. It exports its types alone, so its parts are found by their paths; it and its
 * library read their versions from files that are then not there; and it loads Matter, 140 MB that no service of ours
 * uses, only where a config asks for it: that part stays outside, and the lock puts a tiny package in its place.
 */
export const homebridgeInOneFile: Plugin = {
  name: 'homebridge-in-one-file',
  setup: (build) => {
    build.onResolve({ filter: /^homebridge\/dist\// }, async ({ path, resolveDir }) => {
      const { path: entry, errors } = await build.resolve('homebridge', { resolveDir, kind: 'import-statement' })
      return errors.length > 0 ? { errors } : { path: join(dirname(entry), path.slice('homebridge/dist/'.length)) }
    })
    build.onResolve({ filter: /\/matter\/(MatterBridgeManager|MatterAPIImpl|index)\.js$/ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    )
    build.onLoad({ filter: /\/homebridge\/dist\/version\.js$/ }, async ({ path }) => {
      const { version, engines } = JSON.parse(await readFile(join(dirname(path), '../package.json'), 'utf8')) as {
        version: string
        engines: { node: string }
      }
      const gives = (value: string): string => `() => ${JSON.stringify(value)}`
      return {
        contents: `export default ${gives(version)};\nexport const getRequiredNodeVersion = ${gives(engines.node)};\n`,
      }
    })
    build.onLoad({ filter: /\/hap-nodejs\/dist\/(index|lib\/model\/AccessoryInfo)\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(readsManifest, 'require($1)'),
    }))
  },
}
