import { mkdir, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { codeOf, failure, type Failure } from './outcome.ts'
import { writeWhole } from './whole.ts'

/** An age identity: the key that reads secrets, and the recipient that others encrypt to. */
export type Identity = {
  readonly ok: true
  readonly key: string
  readonly recipient: string
  readonly path: string
  readonly made: boolean
}

/** Where the identity lies: HOMESLICE_IDENTITY, else `~/.config/homeslice/identity.txt`. */
export const identityPath = (env: Readonly<Record<string, string | undefined>>): string =>
  env.HOMESLICE_IDENTITY || join(env.HOME ?? homedir(), '.config', 'homeslice', 'identity.txt')

/** Reads the identity. Others must not be able to: it opens every secret. */
export const readIdentity = async (path: string): Promise<Identity | Failure> => {
  try {
    const found = await stat(path)
    if (!found.isFile()) return failure(`${path} is no file`, 'point HOMESLICE_IDENTITY at an age identity file')
    if ((found.mode & 0o077) !== 0)
      return failure(`others can read the identity ${path}`, `close it: chmod 600 ${path}`)
    const text = await readFile(path, 'utf8')
    const key = text
      .split('\n')
      .map((line) => line.trim())
      .find((line) => line.startsWith('AGE-SECRET-KEY-1'))
    if (key === undefined)
      return failure(
        `${path} holds no age identity`,
        'point HOMESLICE_IDENTITY at a file with a line AGE-SECRET-KEY-1…',
      )
    return { ok: true, key, recipient: await identityToRecipient(key), path, made: false }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT')
      return failure(
        `there is no identity at ${path}`,
        'bring your backup of it back, or make one: homeslice secrets set NAME',
      )
    return failure(
      `the identity ${path} cannot be used${code ? ` (${code})` : ''}`,
      'look at its rights and its content',
    )
  }
}

/** Reads the identity, or makes one where there is none. One that is there is never overwritten. */
export const ensureIdentity = async (path: string): Promise<Identity | Failure> => {
  const there = await stat(path).catch(() => undefined)
  if (there !== undefined) return readIdentity(path)
  try {
    const key = await generateX25519Identity()
    const recipient = await identityToRecipient(key)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const text = `# Reads every secret of your home. Keep a copy in a safe place: without it they are lost.\n# public key: ${recipient}\n${key}\n`
    await writeWhole(path, text, 0o600, 'only if new')
    return { ok: true, key, recipient, path, made: true }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') return readIdentity(path) // another of our processes was faster
    return failure(
      `no identity can be made at ${path} (${code})`,
      'look at the rights of that folder and the free disk',
    )
  }
}
