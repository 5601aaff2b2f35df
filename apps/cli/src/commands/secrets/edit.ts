import { loadVault, setSecret } from '@homeslice/vault'
import type { Context } from '../../context.ts'
import { editText } from '../../editor.ts'
import { failed, type Outcome } from '../../outcome.ts'
import { identityOrNew, type SecretFlags, vaultPath } from './vault-path.ts'

/** `homeslice secrets edit NAME`: the value in $EDITOR; its version rises if it changed. */
export const edit = async (context: Context, flags: SecretFlags, name: string): Promise<Outcome> => {
  const path = vaultPath(context, flags)
  const loaded = await loadVault(path)
  if (!loaded.ok) return failed(2, loaded, { name })
  const mine = await identityOrNew(context)
  if (!mine.ok) return failed(1, mine, { name })
  const known = Object.hasOwn(loaded.vault.versions(), name)
  const read = known ? await loaded.vault.read(name, mine) : { ok: true as const, value: '' }
  if (!read.ok) return failed(1, read, { name })
  const edited = await editText(context, read.value)
  if (!edited.ok) return failed(1, edited, { name })
  if (edited.text === read.value) return { exit: 0, document: { name, changed: false }, text: `${name} is as it was` }
  const done = await setSecret(path, { name, value: edited.text }, mine)
  if (!done.ok) return failed(1, done, { name })
  return {
    exit: 0,
    document: { name, changed: true, version: done.version },
    text: `${name} has version ${done.version}`,
  }
}
