import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { run } from './command.ts'

/**
 * A Python with exactly the packages of a requirements file (pinned with hashes), made once and kept in the cache.
 * `anyPython` takes packages that ask for a newer one.
 */
export const pythonWith = async (
  requirements: string,
  { anyPython = false }: { readonly anyPython?: boolean } = {},
): Promise<string> => {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const cache = process.env.HOMESLICE_CACHE ?? join(homedir(), '.cache', 'homeslice')
  const folder = join(cache, 'python', hash)
  const python = join(folder, 'bin', 'python')
  if (existsSync(python)) return python
  const half = `${folder}.${process.pid}`
  await mkdir(dirname(folder), { recursive: true })
  const venv = await run('python3', ['-m', 'venv', half])
  if (venv.code !== 0) throw new Error(`python3 makes no venv (Debian: apt-get install python3-venv): ${venv.stderr}`)
  const pip = await run(join(half, 'bin', 'python'), [
    '-m',
    'pip',
    'install',
    '-q',
    '--require-hashes',
    ...(anyPython ? ['--ignore-requires-python'] : []),
    '-r',
    requirements,
  ])
  if (pip.code !== 0) {
    await rm(half, { recursive: true, force: true })
    throw new Error(`the packages of ${requirements} cannot be installed: ${pip.stderr}`)
  }
  await rename(half, folder)
  return python
}
