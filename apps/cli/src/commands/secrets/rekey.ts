import { rekey as rekeyVault } from '@homeslice/vault'
import type { Context } from '../../context.ts'
import { failed, type Outcome } from '../../outcome.ts'
import { identity, type SecretFlags, vaultPath } from './vault-path.ts'

type RekeyFlags = SecretFlags & { readonly add?: readonly string[]; readonly remove?: readonly string[] }

/** `homeslice secrets rekey`: every value encrypted again, for these recipients; versions stay. */
export const rekey = async (context: Context, flags: RekeyFlags): Promise<Outcome> => {
  const mine = await identity(context)
  if (!mine.ok) return failed(1, mine, {})
  const done = await rekeyVault(vaultPath(context, flags), { add: flags.add ?? [], remove: flags.remove ?? [] }, mine)
  if (!done.ok) return failed(1, done, {})
  return { exit: 0, document: { recipients: done.recipients }, text: `readable by ${done.recipients.join(' and ')}` }
}
