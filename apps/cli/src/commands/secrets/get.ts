import { loadVault } from '@homeslice/vault'
import type { Context } from '../../context.ts'
import { failed, type Outcome } from '../../outcome.ts'
import { identity, type SecretFlags, vaultPath } from './vault-path.ts'

/** `homeslice secrets get NAME`: prints the value, and nothing else, to standard output. */
export const get = async (context: Context, flags: SecretFlags, name: string): Promise<Outcome> => {
  const [vault, mine] = [await loadVault(vaultPath(context, flags)), await identity(context)]
  if (!vault.ok) return failed(2, vault, { name })
  if (!mine.ok) return failed(1, mine, { name })
  const read = await vault.vault.read(name, mine)
  return read.ok ? { exit: 0, document: { name, value: read.value }, text: read.value } : failed(1, read, { name })
}
