import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { basePackages } from './base.ts'
import { ownImages } from './bundle.ts'
import { gitPackages } from './git.ts'
import type { Mirror } from './mirror.testing.ts'
import { nodePackage } from './node.ts'

/** A checkout with the smallest sources that can be bundled, locked and built. */
export type Checkout = {
  readonly root: string
  readonly write: (name: string, text: string) => void
  readonly read: (name: string) => string
}

/** The packages of the common layers, with one wanted and some unwanted files each, at a mirror of the test's own. */
export const addBasePackages = (mirror: Mirror, version: string): void => {
  for (const name of [...basePackages, ...gitPackages]) {
    const files = {
      [`/usr/lib/x86_64-linux-gnu/${name}.so`]: `${name} ${version}`,
      [`/usr/share/doc/${name}/copyright`]: 'unwanted',
      [`/usr/sbin/${name}`]: 'unwanted',
      ...(name === 'ca-certificates' ? certificates : {}),
      ...programs[name],
    }
    mirror.add(name, version, files, name === 'tzdata' ? { links: { '/usr/lib/localtime': '/etc/localtime' } } : {})
  }
}

const programs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  git: { '/usr/bin/git': 'git', '/usr/lib/git-core/git-bisect': 'unwanted' },
  'openssh-client': { '/usr/bin/ssh': 'ssh', '/usr/bin/ssh-agent': 'unwanted' },
}

const certificates: Readonly<Record<string, string>> = {
  '/usr/share/ca-certificates/mozilla/b.crt': 'second\n',
  '/usr/share/ca-certificates/mozilla/a.crt': 'first\n',
  '/usr/share/ca-certificates/mozilla/README': 'unwanted',
}

/** Makes a checkout in a folder, without a lock of images. */
export const makeCheckout = (root: string): Checkout => {
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  const read = (name: string): string => readFileSync(join(root, name), 'utf8')
  for (const name of ownImages.filter((one) => one !== 'keeper' && one !== 'simulators'))
    write(`services/${name}/src/main.ts`, `const name: string = '${name}'\nprocess.stdout.write(name)\n`)
  write('packages/simulators/src/main.ts', "process.stdout.write('simulators')\n")
  write('platform/keeper/src/main.ts', "process.stdout.write('keeper')\n")
  write('packages/sandbox/kube/one/go.mod', 'module one\n')
  write('apps/cli/src/main.ts', "const { late } = await import('./late.ts')\nprocess.stdout.write(late)\n")
  write('apps/cli/src/late.ts', "export const late: string = 'late'\n")
  const node = '#!/bin/sh\n'
  for (const name of Object.values(nodePackage)) write(`toolchain/node_modules/${name}/bin/node`, node)
  const locked = { version: '24.0.0', integrity: `sha512-${createHash('sha512').update(node).digest('base64')}` }
  const packages = Object.values(nodePackage).map((name) => [`node_modules/${name}`, locked])
  write('toolchain/package-lock.json', JSON.stringify({ packages: Object.fromEntries(packages) as object }))
  return { root, write, read }
}
