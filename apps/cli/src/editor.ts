import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from './context.ts'

/** What the person left in the editor, or why there is nothing. */
export type Edited =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly fix: string }

/** Opens text in $VISUAL or $EDITOR, in memory where the machine has a place for that, and leaves no copy behind. */
export const editText = async ({ env }: Context, text: string): Promise<Edited> => {
  const editor = env.VISUAL || env.EDITOR || 'vi'
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'homeslice-'))
  const path = join(folder, 'value')
  try {
    await writeFile(path, text, { mode: 0o600 })
    const code = await runEditor(editor, path)
    if (code !== 0)
      return {
        ok: false,
        message: `${editor} ended with ${code}; nothing was changed`,
        fix: 'set EDITOR to one that works',
      }
    return { ok: true, text: await readFile(path, 'utf8') }
  } finally {
    await overwrite(path)
    await rm(folder, { recursive: true, force: true })
  }
}

const runEditor = (editor: string, path: string): Promise<number> =>
  new Promise((resolve) => {
    // $EDITOR may hold arguments, so a shell reads it; the path is handed over apart from it.
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'editor', path], { stdio: 'inherit' })
    child.on('error', () => resolve(127))
    child.on('close', (code) => resolve(code ?? 1))
  })

const overwrite = async (path: string): Promise<void> => {
  if (!existsSync(path)) return
  await using file = await open(path, 'r+')
  const { size } = await file.stat()
  await file.write(Buffer.alloc(size), 0, size, 0)
  await file.sync()
}
