import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Home, parseHome } from '@homeslice/config'
import { keeper } from './keeper/keeper.ts'
import type { KubeObject } from './object.ts'
import { render, type Rendered } from './render.ts'

const root = join(import.meta.dirname, '..', '..', '..')

/** Fixed names, so that golden files do not change with the code of the services. */
export const images = {
  'backup-todoist': 'homeslice.local/backup-todoist:t',
  'backup-unifi': 'homeslice.local/backup-unifi:u',
  buttons: 'homeslice.local/buttons:b',
  chime: 'homeslice.local/chime:h',
  clocktime: 'homeslice.local/clocktime:c',
  homebridge: 'homeslice.local/homebridge:o',
  keeper: 'homeslice.local/keeper:k',
  lmz: 'homeslice.local/lmz:l',
  simulators: 'homeslice.local/simulators:s',
  sonos: 'homeslice.local/sonos:p',
  switches: 'homeslice.local/switches:w',
}

const secretVersions = { token: 3, key: 3, wemo: 3 }

/** A home as text, which must be fine. */
export const homeOf = (text: string, path = 'home.yaml'): Home => {
  const read = parseHome(text, path)
  assert(read.ok, JSON.stringify(read))
  return read.home
}

/** A home of this repository, which must be fine. */
export const homeAt = (path: string): Home => homeOf(readFileSync(join(root, path), 'utf8'), path)

/** A home with these services and other keys. */
export const homeWith = (services: object, more: object = {}): Home =>
  homeOf(
    JSON.stringify({ version: 1, home: { name: 'casa', timezone: 'UTC', domain: 'casa.test' }, services, ...more }),
  )

/** A home rendered with those images and version 3 of every secret. */
export const renderSample = (home: Home, env = 'prod'): Rendered => render(home, { env, images, secretVersions })

/** The same with all that the command adds: the keeper. */
export const renderWhole = (home: Home, env = 'prod'): Rendered =>
  render(home, { env, images, secretVersions, parts: [keeper({ images, secretVersions })] })

/** An object as the loose JSON that it is. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests walk objects as their readers do: without our types
export type Loose = any

/** One object, which must be there. */
export const find = (objects: readonly KubeObject[], kind: string, name: string, service = name): Loose => {
  const found = objects.find(
    (one) =>
      one.kind === kind && one.metadata.name === name && one.metadata.labels?.['app.kubernetes.io/name'] === service,
  )
  assert(found, `no ${kind} ${name} of ${service}`)
  return found
}

/** A pod to be: the object that makes it, its labels and its spec. */
export type Pod = { readonly object: KubeObject; readonly labels: Loose; readonly spec: Loose }

const templates: Readonly<Record<string, (spec: Loose) => Loose>> = {
  Deployment: (spec) => spec.template,
  CronJob: (spec) => spec.jobTemplate.spec.template,
}

/** Every pod that the objects make. */
export const podsOf = (objects: readonly KubeObject[]): Pod[] =>
  objects.flatMap((object) => {
    const template = templates[object.kind]?.(object.spec)
    return template === undefined ? [] : [{ object, labels: template.metadata.labels, spec: template.spec }]
  })

/** Whether labels have all that a selector asks for. */
export const matches = (selector: Loose, labels: Loose): boolean => {
  assert(selector?.matchExpressions === undefined, 'expressions are not understood here')
  return Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
}
