import { existsSync } from 'node:fs'
import { type Folders, kubeconfigPath, preflight } from '@homeslice/sandbox'
import type { Failure } from './outcome.ts'

/** Why this machine cannot host a sandbox that it does not host yet; looked at before anything is installed for it. */
export const obstacleTo = async (name: string, folders: Folders): Promise<Failure | undefined> => {
  if (process.getuid?.() === 0 && existsSync(kubeconfigPath({ name, folders }))) return undefined
  const [first] = await preflight(folders)
  return first
}
