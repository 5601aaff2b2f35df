import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '@homeslice/testing'

/** A copy of this checkout that a test may change; what is installed is shared where nobody writes to it. */
export const copyOfCheckout = (): string => {
  const copy = mkdtempSync(join(tmpdir(), 'homeslice-copy-'))
  const git = (...words: readonly string[]) => execFileSync('git', words, { cwd: root, encoding: 'buffer' })
  const names = git('ls-files', '-z', '--cached', '--others', '--exclude-standard')
    .toString()
    .split('\0')
    .filter((name) => name !== '' && existsSync(join(root, name)))
  execFileSync('cp', ['--parents', '-t', copy, ...names], { cwd: root })
  mkdirSync(join(copy, 'node_modules'))
  execFileSync(
    'sh',
    [
      '-c',
      'cp -a node_modules/.bin node_modules/.made-from-lock.json node_modules/@homeslice "$1"',
      'sh',
      join(copy, 'node_modules'),
    ],
    { cwd: root },
  )
  const others = execFileSync('ls', ['-A', 'node_modules'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((name) => name !== '' && !existsSync(join(copy, 'node_modules', name)))
  for (const name of others) symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name))
  symlinkSync(join(root, 'toolchain/node_modules'), join(copy, 'toolchain/node_modules'))
  execFileSync('git', ['init', '-q'], { cwd: copy })
  execFileSync('git', ['add', '-A'], { cwd: copy })
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@casa.test', 'commit', '-qm', 'As it is'], { cwd: copy })
  return copy
}
