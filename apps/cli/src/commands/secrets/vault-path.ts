import { dirname, join } from 'node:path'
import { ensureIdentity, type Identity, identityPath, readIdentity } from '@homeslice/vault'
import type { Context } from '../../context.ts'
import { homePath } from '../../home-file.ts'

/** What every `secrets` verb takes. */
export type SecretFlags = { readonly file?: string; readonly json: boolean }

/** The secrets file beside the home file that is meant; it is never the example's. */
export const vaultPath = (context: Context, { file }: SecretFlags): string =>
  join(dirname(homePath(context, file, { example: false })), 'secrets.yaml')

/** Your identity, which must be there. */
export const identity = ({ env }: Context): ReturnType<typeof readIdentity> => readIdentity(identityPath(env))

/** Your identity, made if there is none; a new one asks to be backed up. */
export const identityOrNew = async ({ env, process: { stderr } }: Context): ReturnType<typeof ensureIdentity> => {
  const made = await ensureIdentity(identityPath(env))
  if (made.ok && made.made) stderr.write(backUp(made))
  return made
}

const backUp = ({ path }: Identity): string =>
  `homeslice: made your identity at ${path}. Keep a copy in a safe place: without it every secret is lost.\n`
