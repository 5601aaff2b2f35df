import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Home, parseHome } from '@homeslice/config'
import { render, type Rendered } from './render.ts'

const root = join(import.meta.dirname, '..', '..', '..')

/** Fixed names, so that golden files do not change with the code of the services. */
export const images = {
  buttons: 'homeslice.local/buttons:b',
  clocktime: 'homeslice.local/clocktime:c',
  simulators: 'homeslice.local/simulators:s',
  switches: 'homeslice.local/switches:w',
}

/** A home of this repository, which must be fine. */
export const homeAt = (path: string): Home => {
  const read = parseHome(readFileSync(join(root, path), 'utf8'), path)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.home
}

/** A home rendered with those images and version 3 of every secret. */
export const renderSample = (home: Home, env = 'prod'): Rendered =>
  render(home, { env, images, secretVersions: { token: 3, key: 3, wemo: 3 } })
