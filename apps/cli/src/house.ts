import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Environment, type Home, type Locate, secretsOf } from '@homeslice/config'
import { imageReferences, readLock } from '@homeslice/images'
import { keeper, render, type Rendered, type SecretVersions } from '@homeslice/render'
import { loadVault } from '@homeslice/vault'
import type { Context } from './context.ts'
import { loadHome, shortPath } from './home-file.ts'
import type { ExitCode, Failure } from './outcome.ts'

/** A home that was read and rendered: all that can be known without a cluster. */
export type House = {
  readonly ok: true
  readonly path: string
  /** The same as people will recognise it. */
  readonly file: string
  readonly home: Home
  readonly environment: Environment
  /** Where the home file says something. */
  readonly locate: Locate
  readonly rendered: Rendered
  readonly vaultPath: string
  /** Secrets that the home uses and the vault does not have. */
  readonly missingSecrets: readonly string[]
}

/** Why there is none, and the exit code that says so. */
export type NoHouse = { readonly ok: false; readonly exit: ExitCode; readonly error: Failure }

/** Reads and renders the home that a verb means. */
export const loadHouse = async (
  context: Context,
  asked: { readonly file?: string; readonly env: string },
): Promise<House | NoHouse> => {
  const loaded = await loadHome(context, asked)
  if (!loaded.ok) return { ok: false, exit: 2, error: loaded.error }
  const { path, home, environment, locate } = loaded
  const images = await ourImages(context, home)
  if (!images.ok) return { ok: false, exit: 1, error: images }
  const vaultPath = join(dirname(path), 'secrets.yaml')
  const vault = await loadVault(vaultPath)
  if (!vault.ok) return { ok: false, exit: 2, error: vault }
  const secretVersions: SecretVersions = vault.vault.inCluster()
  const { context: cluster, pullSecret } = home.cluster
  const pulls = cluster === undefined || pullSecret === undefined ? [] : [pullSecret]
  const used = [...pulls, ...secretsOf(environment).map(({ secret }) => secret)]
  const sources = { images: images.images, secretVersions }
  return {
    ok: true,
    path,
    file: shortPath(context, path),
    home,
    environment,
    locate,
    vaultPath,
    rendered: render(home, { env: environment.name, ...sources, parts: [keeper(sources)] }),
    missingSecrets: [...new Set(used)].filter((secret) => secretVersions[secret] === undefined),
  }
}

type OurImages = { readonly ok: true; readonly images: Record<string, string> } | ({ readonly ok: false } & Failure)

/** Names of our images: by the lock of the checkout; a released command carries its own. The sandbox needs no registry. */
const ourImages = async ({ checkout }: Context, { cluster }: Home): Promise<OurImages> => {
  if (checkout !== undefined) {
    const read = await readLock(checkout)
    const registry = cluster.context === undefined ? undefined : cluster.registry
    return read.ok ? { ok: true, images: imageReferences(read.lock, registry) } : read
  }
  const text = await readFile(join(import.meta.dirname, 'images.lock.json'), 'utf8').catch(() => '{}')
  return { ok: true, images: JSON.parse(text) as Record<string, string> }
}
