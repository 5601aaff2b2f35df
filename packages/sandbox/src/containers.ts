import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { builtFolder } from './built.ts'
import { lastLines, run } from './command.ts'
import type { Folders } from './folders.ts'
import { failure, type Failure, type Outcome } from './outcome.ts'
import { recipes } from './recipes.ts'
import type { Running } from './running.ts'

/** An image in a tar (an OCI layout), and the full name pods call it by. */
export type ImageTar = { readonly tar: string; readonly reference: string }

/** The command line of `ctr` for a running sandbox. The socket is reached through the inner process' own view of the files. */
const ctr = (folders: Folders, running: Running, args: readonly string[]): string[] => {
  const recipe = recipes.find(({ name }) => name === 'containerd')
  const program = recipe ? join(builtFolder(folders, recipe), 'ctr') : 'ctr'
  return [
    program,
    `--address=/proc/${running.inner}/root/run/containerd/containerd.sock`,
    '--namespace=k8s.io',
    ...args,
  ]
}

/** Waits until containerd answers, for half a minute at most. */
export const waitForContainers = async (folders: Folders, running: Running): Promise<Outcome> => {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(50)) {
    const answer = await run(ctr(folders, running, ['version']), { timeout: 5000 })
    if (answer.code === 0) return { ok: true }
  }
  return failure(
    'containerd does not answer',
    'read containerd.log in the folder that `homeslice sandbox status` names',
  )
}

/** Names of the images a running sandbox holds. */
export const imagesOf = async (folders: Folders, running: Running): Promise<Outcome<{ images: Set<string> }>> => {
  const listed = await run(ctr(folders, running, ['images', 'ls', '-q']), { timeout: 30_000 })
  if (listed.code === 0) return { ok: true, images: new Set(listed.stdout.split('\n').filter(Boolean)) }
  return failure(
    `containerd does not list its images: ${lastLines(listed.stderr, 1)}`,
    'see `homeslice sandbox status`, and the log of containerd that it names',
  )
}

/**
 * Imports what is not there yet. Imported images are pinned: nothing could pull
 * them again, so the kubelet must not remove them when the disk gets full.
 */
export const importInto = async (
  folders: Folders,
  running: Running,
  wanted: readonly ImageTar[],
): Promise<Outcome<{ imported: string[] }>> => {
  const present = await imagesOf(folders, running)
  if (!present.ok) return present
  const missing = wanted.filter(({ reference }) => !present.images.has(reference))
  for (const image of missing) {
    const failed = await importOne(folders, running, image)
    if (failed) return failed
  }
  return { ok: true, imported: missing.map(({ reference }) => reference) }
}

const importOne = async (
  folders: Folders,
  running: Running,
  { tar, reference }: ImageTar,
): Promise<Failure | undefined> => {
  const call = (...args: string[]) => run(ctr(folders, running, ['images', ...args]))
  const imported = await call('import', tar)
  if (imported.code !== 0) return notImported(reference, tar, lastLines(imported.stderr, 1))
  const digest = digestIn((await call('ls', `name==${reference}`)).stdout)
  if (digest === undefined) return notImported(reference, tar, 'the tar holds another image')
  // A pod that names the digest would not find an image that is known by its tag only.
  const byDigest = withDigest(reference, digest)
  const named = await call('tag', '--force', reference, byDigest)
  if (named.code !== 0) return notImported(reference, tar, lastLines(named.stderr, 1))
  const pinned = await Promise.all([reference, byDigest].map((name) => call('label', name, pin)))
  const failed = pinned.find(({ code }) => code !== 0)
  return failed && notImported(reference, tar, lastLines(failed.stderr, 1))
}

const pin = 'io.cri-containerd.pinned=pinned'

const notImported = (reference: string, tar: string, reason: string): Failure =>
  failure(
    `the image ${reference} cannot be imported from ${tar}: ${reason}`,
    'build the images again; on a full disk, make room first',
  )

/** The first digest in a list that `ctr images ls` prints. */
export const digestIn = (list: string): string | undefined => /sha256:[0-9a-f]{64}/.exec(list)?.[0]

/** The name of an image by its digest instead of its tag. */
export const withDigest = (reference: string, digest: string): string =>
  `${reference.replace(/@.*$/, '').replace(/:[^:/]*$/, '')}@${digest}`
