import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { findGo, foldersFrom } from '@homeslice/sandbox'
import { run } from './command.ts'

/** A program that a Go module pins and nothing else, built once and kept in the cache. It is named as the package is. */
export const goProgram = async (module: string, name: string): Promise<string> => {
  const folders = foldersFrom(process.env)
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(module, file)))
  const place = join(folders.cache, 'bin', `peer-${name.replace(/^.*\//u, '')}-${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(place)) return place
  const found = await findGo(folders, () => undefined)
  if (!found.ok) throw new Error(`${found.message}; ${found.fix}`)
  const { program, env } = found.go
  const half = `${place}.${process.pid}`
  await mkdir(join(folders.cache, 'bin'), { recursive: true })
  const built = await run(program, ['build', '-trimpath', '-o', half, name], { cwd: module, env })
  if (built.code !== 0) throw new Error(`${name} cannot be built: ${built.stderr}`)
  await rename(half, place)
  return place
}
