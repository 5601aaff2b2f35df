import { loadVault } from '@homeslice/vault'
import type { Context } from '../../context.ts'
import { failed, type Outcome } from '../../outcome.ts'
import { table } from '../../table.ts'
import { type SecretFlags, vaultPath } from './vault-path.ts'

/** `homeslice secrets list`: names, versions and recipients; needs no key. */
export const list = async (context: Context, flags: SecretFlags): Promise<Outcome> => {
  const path = vaultPath(context, flags)
  const loaded = await loadVault(path)
  if (!loaded.ok) return failed(2, loaded, { secrets: [] })
  const secrets = Object.entries(loaded.vault.versions()).map(([name, version]) => ({ name, version }))
  const { recipients } = loaded.vault
  const text =
    secrets.length === 0
      ? `no secrets in ${path}`
      : table(secrets.map(({ name, version }) => [name, `version ${version}`]))
  const readers = recipients.map((recipient) => `readable by ${recipient}`)
  return { exit: 0, document: { secrets, recipients }, text: [text, ...readers].join('\n') }
}
