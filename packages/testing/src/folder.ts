import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder that is gone when the test ends. */
export const temporaryFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'homeslice-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A home file in a folder of its own. */
export const temporaryHome = async (text: string): Promise<string> => {
  const path = join(await temporaryFolder(), 'home.yaml')
  await writeFile(path, text)
  return path
}
