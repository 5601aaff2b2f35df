import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { builtFolder } from '../built.ts'
import type { Folders, Places } from '../folders.ts'
import { networkAt } from '../network.ts'
import { recipes, type RecipeName } from '../recipes.ts'
import type { Settings } from '../settings.ts'
import { dnsObjects } from './dns.ts'
import { gatewayObjects } from './gateway.ts'
import { nodeObjects, policyReady } from './node.ts'
import type { KubeObject } from './objects.ts'

/** Everything the sandbox itself puts into the cluster, in two steps. */
export type Manifest = {
  /** Texts of the custom resources' definitions (YAML). They have to be established before `objects`. */
  readonly definitions: readonly string[]
  readonly objects: readonly KubeObject[]
  /** Changes when anything of the manifest does. */
  readonly hash: string
}

/** Names of the images the parts need. */
export type PartImages = { readonly coredns: string; readonly traefik: string }

/** The manifest of one sandbox. The programs have to be built, the certificates made. */
export const manifestOf = (folders: Folders, places: Places, settings: Settings, images: PartImages): Manifest => {
  const network = networkAt(settings.octet)
  const pem = (file: string) => readFileSync(join(places.certificates, file), 'utf8')
  const definitions = definitionTexts(folders)
  const objects = [
    ...nodeObjects(),
    policyReady,
    ...dnsObjects(images.coredns, network),
    ...gatewayObjects(images.traefik, network, { certificate: pem('gateway.crt'), key: pem('gateway.key') }),
  ]
  const hash = createHash('sha256')
    .update(JSON.stringify([definitions, objects]))
    .digest('hex')
  return { definitions, objects, hash }
}

const definitionTexts = (folders: Folders): string[] => {
  const calico = yamlFiles(join(folderOf(folders, 'calico'), 'crd'))
  const gateway = yamlFiles(join(folderOf(folders, 'traefik'), 'gateway-crd'))
  const traefik = join(folderOf(folders, 'traefik'), 'traefik-crd.yaml')
  return [...calico, ...gateway, traefik].map((path) => readFileSync(path, 'utf8'))
}

const yamlFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
    .toSorted()
    .map((name) => join(folder, name))

const folderOf = (folders: Folders, name: RecipeName): string => {
  const recipe = recipes.find((it) => it.name === name)
  return recipe ? builtFolder(folders, recipe) : ''
}
