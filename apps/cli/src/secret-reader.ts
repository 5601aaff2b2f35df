import type { SecretData } from '@homeslice/cluster'
import { secretIn, secretKey } from '@homeslice/render'
import { identityPath, loadVault, readIdentity } from '@homeslice/vault'

/** Reads values as they are needed, by their name in the cluster; the vault is opened at the first. */
export const secretReader = (vaultPath: string): SecretData => {
  let opened: Promise<{ readonly read: (name: string) => Promise<string | undefined> }> | undefined
  const open = async (): Promise<{ readonly read: (name: string) => Promise<string | undefined> }> => {
    const [vault, identity] = await Promise.all([loadVault(vaultPath), readIdentity(identityPath(process.env))])
    return {
      read: async (name) => {
        if (!vault.ok || !identity.ok) return undefined
        const read = await vault.vault.read(name, identity)
        return read.ok ? read.value : undefined
      },
    }
  }
  return async (name) => {
    opened ??= open()
    const value = await (await opened).read(secretIn(name))
    return value === undefined ? undefined : { [secretKey]: Buffer.from(value).toString('base64') }
  }
}
