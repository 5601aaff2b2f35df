import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { run } from './command.ts'

/**
 * A program of others, built from the `tool` of the go.mod in a folder, once, and kept in the cache. Needs Go 1.21 or
 * newer on this machine, which fetches the release that go.mod names.
 */
export const goProgram = async (folder: string, tool: string): Promise<string> => {
  const name = basename(tool)
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(folder, file)))
  const cache = process.env.HOMESLICE_CACHE ?? join(homedir(), '.cache', 'homeslice')
  const program = join(cache, 'peers', `${name}-${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(program)) return program
  await mkdir(dirname(program), { recursive: true })
  const half = `${program}.${process.pid}`
  const { code, stderr } = await run('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', half, tool], {
    cwd: folder,
    env: { GOTOOLCHAIN: 'auto', GOFLAGS: '-buildvcs=false -mod=readonly', GOWORK: 'off', CGO_ENABLED: '0' },
  })
  if (code !== 0) throw new Error(`${tool} cannot be built: ${stderr}`)
  await rename(half, program)
  return program
}
