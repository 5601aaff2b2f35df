import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Files to write, by their whole paths: new ones, and others as they shall be. */
export type Change = {
  readonly added: Readonly<Record<string, string>>
  readonly changed: Readonly<Record<string, string>>
}

/** A change that was made, and the way back. */
export type Made =
  | { readonly ok: true; readonly undo: () => Promise<void> }
  | { readonly ok: false; readonly message: string }

/** Writes all of a change, or nothing: what was written is taken back if one file cannot be. */
export const make = async ({ added, changed }: Change): Promise<Made> => {
  const back: (() => Promise<void>)[] = []
  const undo = async (): Promise<void> => {
    for (const step of back.toReversed()) await step()
  }
  try {
    for (const [path, text] of Object.entries(added)) {
      const first = await mkdir(dirname(path), { recursive: true })
      if (first !== undefined) back.push(() => removeEmpty(dirname(path), first))
      await writeFile(path, text, { flag: 'wx' })
      back.push(() => rm(path, { force: true }))
    }
    for (const [path, text] of Object.entries(changed)) {
      const before = await readFile(path)
      back.push(() => writeFile(path, before))
      await writeFile(path, text)
    }
    return { ok: true, undo }
  } catch (error) {
    await undo()
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

/** Removes folders that were made, from the last to the first, as long as nobody put anything into them. */
const removeEmpty = async (last: string, first: string): Promise<void> => {
  for (let folder = last; folder.length >= first.length; folder = dirname(folder)) {
    const gone = await rmdir(folder).then(
      () => true,
      () => false,
    )
    if (!gone) return
  }
}
