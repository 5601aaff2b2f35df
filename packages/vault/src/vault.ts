import { randomBytes } from 'node:crypto'
import { emptyVault, namePattern, openFile, type VaultFile, writeFileWhole } from './file.ts'
import type { Document } from 'yaml'
import type { Identity } from './identity.ts'
import { withLock } from './lock.ts'
import { codeOf, failure, type Failure } from './outcome.ts'
import { seal, unseal } from './seal.ts'

/** What is known of a vault without any key. */
export type Vault = {
  readonly path: string
  readonly recipients: readonly string[]
  /** Names in order, each with its version. */
  readonly versions: () => Readonly<Record<string, number>>
  /** The same as the cluster is told of it: with the id of each version that has one, such as `3-9f02ac`. */
  readonly inCluster: () => Readonly<Record<string, number | `${number}-${string}`>>
  /** One value, for whoever holds the key of a recipient. */
  readonly read: (
    name: string,
    identity: Pick<Identity, 'key'>,
  ) => Promise<{ readonly ok: true; readonly value: string } | Failure>
}

/** The longest value: what a Kubernetes Secret can hold. */
const valueLimit = 900 * 1024

/** Opens a vault; a missing file is one without secrets. */
export const loadVault = async (path: string): Promise<{ readonly ok: true; readonly vault: Vault } | Failure> => {
  const opened = await openFile(path)
  if (!opened.ok) return opened
  const secrets = opened.data?.secrets ?? {}
  return {
    ok: true,
    vault: {
      path,
      recipients: opened.data?.recipients ?? [],
      versions: () => Object.fromEntries(Object.entries(secrets).map(([name, { version }]) => [name, version])),
      inCluster: () =>
        Object.fromEntries(
          Object.entries(secrets).map(([name, { version, id }]) => [
            name,
            id === undefined ? version : (`${version}-${id}` as const),
          ]),
        ),
      read: async (name, { key }) => {
        const secret = Object.hasOwn(secrets, name) ? secrets[name] : undefined
        return secret === undefined ? unknownName(name) : unseal({ name, ...secret }, key)
      },
    },
  }
}

const unknownName = (name: string): Failure =>
  failure(`there is no secret "${name}"`, `set it: homeslice secrets set ${name}`)

type Done<More extends object = object> = Promise<({ readonly ok: true } & More) | Failure>

/** Sets a value and raises its version, whether or not the value is another: setting is how a secret is renewed. */
export const setSecret = (
  path: string,
  { name, value }: { readonly name: string; readonly value: string },
  identity: Identity,
): Done<{ readonly version: number }> =>
  change(path, identity, async (document, { recipients, secrets }) => {
    if (!namePattern.test(name))
      return failure(
        `"${name}" is no name for a secret`,
        'use up to 50 lower-case letters, digits and "-", starting with a letter',
      )
    if (value === '') return failure('the value is empty', 'give it on standard input or at the prompt')
    if (Buffer.byteLength(value) > valueLimit)
      return failure('the value is larger than 900 KB', 'a Kubernetes Secret holds no more')
    // A vault that is made anew, or turned back, counts from where it stands: by its id alone a version is another.
    const [version, id] = [(secrets[name]?.version ?? 0) + 1, randomBytes(3).toString('hex')]
    document.setIn(
      ['secrets', name],
      document.createNode({ version, id, value: await seal({ name, version, id, value }, recipients) }),
    )
    return { ok: true, version }
  })

/** Encrypts every value again for other recipients. Versions stay: the values are the same. */
export const rekey = (
  path: string,
  { add = [], remove = [] }: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
  identity: Identity,
): Done<{ readonly recipients: readonly string[] }> =>
  change(path, identity, async (document, { recipients: before, secrets }) => {
    const bad = add.find((recipient) => !/^age1[0-9a-z]{20,}$/u.test(recipient))
    if (bad !== undefined)
      return failure(
        `"${bad}" is no age recipient`,
        'it begins with age1; `homeslice secrets list` shows those there are',
      )
    const unknown = remove.find((recipient) => !before.includes(recipient))
    if (unknown !== undefined)
      return failure(`${unknown} is no recipient of this vault`, `it has: ${before.join(', ')}`)
    const recipients = [...new Set([...before, ...add])].filter((recipient) => !remove.includes(recipient))
    if (!recipients.includes(identity.recipient))
      return failure('you would lock yourself out', 'keep your own recipient, or let another of them do this')
    for (const [name, secret] of Object.entries(secrets)) {
      const read = await unseal({ name, ...secret }, identity.key)
      if (!read.ok) return read
      document.setIn(['secrets', name, 'value'], await seal({ name, ...secret, value: read.value }, recipients))
    }
    document.set('recipients', document.createNode(recipients))
    return { ok: true, recipients }
  })

type Change<More extends object> = (document: Document, before: Pick<VaultFile, 'recipients' | 'secrets'>) => Done<More>

/** Reads, changes and writes while no other of us does. */
const change = <More extends object>(path: string, identity: Identity, apply: Change<More>): Done<More> =>
  withLock(path, async () => {
    const opened = await openFile(path)
    if (!opened.ok) return opened
    const before = opened.data ?? { recipients: [identity.recipient], secrets: {} }
    const document = opened.data === undefined ? emptyVault(before.recipients) : opened.document
    const changed = await apply(document, before)
    if (!changed.ok) return changed
    try {
      await writeFileWhole(path, document)
      return changed
    } catch (error) {
      return failure(
        `${path} cannot be written (${codeOf(error)}); it is as it was`,
        'look at the rights of that folder and the free disk',
      )
    }
  })
