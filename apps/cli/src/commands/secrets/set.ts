import { setSecret } from '@homeslice/vault'
import { readHidden } from '../../ask.ts'
import type { Context } from '../../context.ts'
import { failed, type Outcome } from '../../outcome.ts'
import { identityOrNew, type SecretFlags, vaultPath } from './vault-path.ts'

/** `homeslice secrets set NAME`: the value comes from standard input or a hidden prompt, never from the command line, which others can read. */
export const set = async (context: Context, flags: SecretFlags, name: string): Promise<Outcome> => {
  const value = await readHidden(context, `Value of ${name}`)
  if (value === undefined) return failed(130, { message: 'nothing was set' }, { name })
  const identity = await identityOrNew(context)
  if (!identity.ok) return failed(1, identity, { name })
  const path = vaultPath(context, flags)
  // `echo secret | homeslice secrets set x` means the secret without the line's end.
  const text = value.endsWith('\n') && value.indexOf('\n') === value.length - 1 ? value.slice(0, -1) : value
  const done = await setSecret(path, { name, value: text }, identity)
  if (!done.ok) return failed(1, done, { name })
  return {
    exit: 0,
    document: { name, version: done.version },
    text: `${name} has version ${done.version}; \`homeslice up\` brings it to its services`,
  }
}
