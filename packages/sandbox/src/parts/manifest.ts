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

/** Objects, and before them the definitions (YAML texts) of the custom resources among them. */
export type Step = { readonly definitions: readonly string[]; readonly objects: readonly KubeObject[] }

/** Everything the sandbox itself puts into the cluster. The steps do not depend on each other. */
export type Manifest = {
  readonly steps: readonly Step[]
  /** Changes when anything of the manifest does. */
  readonly hash: string
}

/** Names of the images the parts need. */
export type PartImages = { readonly coredns: string; readonly traefik: string }

/** The manifest of one sandbox. The programs have to be built, the certificates made. */
export const manifestOf = (folders: Folders, places: Places, settings: Settings, images: PartImages): Manifest => {
  const network = networkAt(settings.octet)
  const pem = (file: string) => readFileSync(join(places.certificates, file), 'utf8')
  const tls = { certificate: pem('gateway.crt'), key: pem('gateway.key') }
  const crds = (recipe: RecipeName, folder: string) => yamlFiles(join(folderOf(folders, recipe), folder))
  const traefik = [...crds('traefik', 'gateway-crd'), join(folderOf(folders, 'traefik'), 'traefik-crd.yaml')]
  const steps: Step[] = [
    { definitions: texts(crds('calico', 'crd')), objects: [policyReady] },
    { definitions: [], objects: [...nodeObjects(), ...dnsObjects(images.coredns, network)] },
    { definitions: texts(traefik), objects: gatewayObjects(images.traefik, network, tls) },
  ]
  return { steps, hash: createHash('sha256').update(JSON.stringify(steps)).digest('hex') }
}

const texts = (paths: readonly string[]): string[] => paths.map((path) => readFileSync(path, 'utf8'))

const yamlFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
    .toSorted()
    .map((name) => join(folder, name))

const folderOf = (folders: Folders, name: RecipeName): string => {
  const recipe = recipes.find((it) => it.name === name)
  return recipe ? builtFolder(folders, recipe) : ''
}
