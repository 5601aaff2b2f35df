import { readFile } from 'node:fs/promises'
import type { Account, Result } from '@homeslice/devices'

const refuse = (reason: string): Result<never> => ({ ok: false, kind: 'refused', reason, trouble: 'account' })

/** An account out of a file: the e-mail address on its first line, the password on its second. */
export const readAccount = async (path: string): Promise<Result<Account>> => {
  const content = await readFile(path, 'utf8').catch((error: Error) => error)
  if (content instanceof Error) return refuse(`the account file ${path} cannot be read: ${content.message}`)
  const [user = '', password = ''] = content.split(/\r?\n/u)
  return user.trim() === '' || password === ''
    ? refuse(`the account file ${path} must hold an e-mail address on its first line and a password on its second`)
    : { ok: true, value: { user: user.trim(), password } }
}
