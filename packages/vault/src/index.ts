export { ensureIdentity, type Identity, identityPath, readIdentity } from './identity.ts'
export type { Failure } from './outcome.ts'
export { loadVault, rekey, setSecret, type Vault } from './vault.ts'
