import { armor, Decrypter, Encrypter } from 'age-encryption'
import { failure, type Failure } from './outcome.ts'

/** A value with its name, version and id: they are sealed together, so that values cannot be swapped or rolled back. */
export type Sealed = {
  readonly name: string
  readonly version: number
  readonly id?: string | undefined
  readonly value: string
}

/** Encrypts for these recipients, as text that git can hold. */
export const seal = async (sealed: Sealed, recipients: readonly string[]): Promise<string> => {
  const encrypter = new Encrypter()
  for (const recipient of recipients) encrypter.addRecipient(recipient)
  return armor.encode(await encrypter.encrypt(JSON.stringify(sealed)))
}

/** Decrypts, and makes sure that it is the value that this name and version are about. */
export const unseal = async (
  { name, version, id, value }: Sealed,
  key: string,
): Promise<{ readonly ok: true; readonly value: string } | Failure> => {
  const text = await decrypt(value, key)
  if (text === undefined) {
    return failure(
      `the secret ${name} cannot be opened with your identity`,
      'ask another recipient to run: homeslice secrets rekey --add YOUR_RECIPIENT; if you are one, take the file back from git',
    )
  }
  const sealed = JSON.parse(text) as Partial<Sealed>
  const same = sealed.name === name && sealed.version === version && sealed.id === id
  if (!same || typeof sealed.value !== 'string') {
    return failure(
      `the secret ${name} was tampered with: what is sealed belongs to another name or version`,
      'take the file back from git',
    )
  }
  return { ok: true, value: sealed.value }
}

const decrypt = async (armored: string, key: string): Promise<string | undefined> => {
  try {
    const decrypter = new Decrypter()
    decrypter.addIdentity(key)
    return await decrypter.decrypt(armor.decode(armored), 'text')
  } catch {
    // The library's reason may quote what it read; nothing of it leaves.
    return undefined
  }
}
