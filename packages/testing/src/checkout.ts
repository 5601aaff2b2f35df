import { cp, mkdir, readdir, readlink, symlink } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { root } from './command.ts'

/** What makes a copy large and is of no use to it. */
const left = new Set(['.git', 'coverage', 'node_modules', 'toolchain/node_modules'])

/** A checkout like this one, for tests that change what is in it: our own files are copied, what npm installed is linked. */
export const copyCheckout = async (to: string): Promise<string> => {
  const filter = (from: string): boolean => !left.has(relative(root, from))
  await cp(root, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, filter })
  await linkAll(join(root, 'node_modules'), join(to, 'node_modules'))
  await symlink(join(root, 'toolchain/node_modules'), join(to, 'toolchain/node_modules'))
  return to
}

/** Our own packages are those of the copy: the links to them lead from where they lie. */
const linkAll = async (from: string, to: string): Promise<void> => {
  await mkdir(to)
  for (const name of await readdir(from)) if (name !== '@homeslice') await symlink(join(from, name), join(to, name))
  const [ours, copies] = [join(from, '@homeslice'), join(to, '@homeslice')]
  await mkdir(copies)
  for (const name of await readdir(ours)) await symlink(await readlink(join(ours, name)), join(copies, name))
}
