import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = import.meta.dirname
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((name) => name !== '' && existsSync(join(root, name)))
const read = (name: string): string => readFileSync(join(root, name), 'utf8')
const sources = files.filter((name) => name.endsWith('.ts') && name.includes('/src/'))
const isTest = (name: string): boolean =>
  /\.test\.ts$|\.testing\.ts$|\/e2e\//u.test(name) || name.startsWith('packages/testing/')
const ofProduct = sources.filter((name) => !isTest(name))
const packageOf = (name: string): string => name.split('/').slice(0, 2).join('/')

/** What each file imports: `import … from '…'`, `export … from '…'` and `import('…')`. */
const importsOf = (name: string): string[] =>
  [
    ...read(name).matchAll(/^(?:import|export)\b[^'"`;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gmu),
  ].map(([, from, bare, lazy]) => from ?? bare ?? lazy ?? '')

/** Packages in the order of DESIGN: each may import only those before it. */
const order = [
  'catalog',
  'service-kit',
  'devices',
  'simulators',
  'config',
  'render',
  'vault',
  'plan',
  'cluster',
  'release',
  'images',
  'sandbox',
  'testing',
]

describe('who may import whom', () => {
  it.each(order)('packages/%s imports only packages before it', (name) => {
    const allowed = new Set(order.slice(0, order.indexOf(name)))
    const wrong = ofProduct
      .filter((file) => packageOf(file) === `packages/${name}`)
      .flatMap((file) =>
        importsOf(file).map((specifier) => ({ file, other: /^@homeslice\/([^/]+)/u.exec(specifier)?.[1] })),
      )
      .filter(({ other }) => other !== undefined && !allowed.has(other))
    expect(wrong).toEqual([])
  })

  it('simulators know nothing of devices', () => {
    expect(
      ofProduct.filter(
        (file) => file.startsWith('packages/simulators/') && importsOf(file).some((one) => one.includes('devices')),
      ),
    ).toEqual([])
  })

  it('services import service-kit, devices and catalog', () => {
    const allowed = /^@homeslice\/(service-kit|devices|catalog)$/u
    const wrong = ofProduct
      .filter((file) => file.startsWith('services/'))
      .flatMap((file) => importsOf(file).filter((one) => one.startsWith('@homeslice/') && !allowed.test(one)))
    expect(wrong).toEqual([])
  })

  it('platform imports service-kit, and what it takes to look after a cluster: nothing that prepares or asks', () => {
    // It runs inside of the cluster: the checkout, the vault, the sandbox and the home file are not there.
    const allowed = /^@homeslice\/(service-kit|render|plan|cluster|release)$/u
    const wrong = ofProduct
      .filter((file) => file.startsWith('platform/'))
      .flatMap((file) => importsOf(file).filter((one) => one.startsWith('@homeslice/') && !allowed.test(one)))
    expect(wrong).toEqual([])
  })

  it('nothing imports services, platform or apps', () => {
    const names = files
      .filter((name) => /^(services|platform|apps)\/[^/]+\/package\.json$/u.test(name))
      .map((name) => name.split('/')[1])
    const wrong = ofProduct.filter((file) =>
      importsOf(file).some(
        (one) => names.some((name) => one === `@homeslice/${name}`) || /^\.\.\/.*(services|platform|apps)\//u.test(one),
      ),
    )
    expect(wrong).toEqual([])
  })

  it('no import leaves its package by a path', () => {
    const wrong = sources.filter((file) =>
      importsOf(file).some(
        (one) => one.startsWith('.') && packageOf(normalize(join(dirname(file), one))) !== packageOf(file),
      ),
    )
    expect(wrong).toEqual([])
  })

  it('only cluster talks to Kubernetes, and nothing loads its client before it is needed', () => {
    const users = sources.filter((file) => importsOf(file).some((one) => one.startsWith('@kubernetes/client-node')))
    expect(users).toEqual(['packages/cluster/src/kubeconfig.ts'])
    const early = sources.filter(
      (file) => file.startsWith('packages/cluster/') && /from '\.\/kubeconfig\.ts'/u.test(read(file)),
    )
    expect(early).toEqual([])
  })

  it('config to plan think and do no I/O, but for reading', () => {
    const hands = /^node:(fs|fs\/promises|net|http|https|child_process|worker_threads|dgram|tls)$/u
    const pure = /^packages\/(catalog|config|render|plan)\//u
    const wrong = ofProduct.filter(
      (file) =>
        pure.test(file) && !file.endsWith('config/src/read.ts') && importsOf(file).some((one) => hands.test(one)),
    )
    // `node:net` is where isIP lives, which asks nobody.
    expect(wrong.filter((file) => !importsOf(file).every((one) => one === 'node:net' || !hands.test(one)))).toEqual([])
  })

  it.each(files.filter((name) => /^(packages|services|platform|apps)\/[^/]+\/package\.json$/u.test(name)))(
    '%s declares what its sources import',
    (manifest) => {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(read(manifest)) as {
        dependencies?: object
        devDependencies?: object
      }
      const shared = Object.keys((JSON.parse(read('package.json')) as { devDependencies: object }).devDependencies)
      const declared = new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)])
      const missing = sources
        .filter((file) => packageOf(file) === dirname(manifest))
        .flatMap((file) =>
          importsOf(file).map((one) => ({
            file,
            name: one
              .split('/')
              .slice(0, one.startsWith('@') ? 2 : 1)
              .join('/'),
          })),
        )
        .filter(({ name }) => !name.startsWith('.') && !name.startsWith('node:') && !builtinModules.includes(name))
        .filter(
          ({ file, name }) =>
            !declared.has(name) &&
            !(shared.includes(name) && (isTest(file) || name.includes('kubernetes-models'))) &&
            name !== '',
        )
        .filter(({ file, name }) => !(isTest(file) && name.startsWith('@homeslice/')))
      expect(missing).toEqual([])
    },
  )
})

describe('how files look', () => {
  const lines = (name: string): number => read(name).split('\n').length

  it('none is longer than 400 lines, no test longer than 600', () => {
    expect(
      sources.filter((file) => lines(file) > (isTest(file) ? 600 : 400)).map((file) => `${file}: ${lines(file)}`),
    ).toEqual([])
  })

  it('half are 90 lines or shorter, nine in ten 250 or shorter', () => {
    const sorted = ofProduct.map(lines).toSorted((a, b) => a - b)
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(90)
    expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThanOrEqual(250)
  })

  it.each([
    ['no `export *` but of types', /^export \* /mu],
    ['no default exports', /^export default /mu],
    ['no open ends', /\b(TODO|FIXME|XXX|HACK)\b/u],
    ['no skipped or focused tests', /\b(it|test|describe)\.(skip|only|todo)\b/u],
    ['no suppression of types', /@ts-(ignore|expect-error|nocheck)/u],
    ['no suppression of lint without a reason', /oxlint-disable(?!.*--)/u],
    ['no paths of one machine', /\/work\/main|\/root\/\./u],
  ])('%s', (_, pattern) => {
    expect(sources.filter((file) => pattern.test(read(file)))).toEqual([])
  })

  it('no drawers', () => {
    expect(files.filter((name) => /(^|\/)(utils?|helpers?|misc|common|shared)\.ts$/u.test(name))).toEqual([])
  })
})

describe('what others rely on', () => {
  it('lock files name no registry', () => {
    for (const name of ['package-lock.json', 'toolchain/package-lock.json'])
      expect(read(name)).not.toMatch(/"resolved": "http/u)
  })

  it('workflows pin every action and give no rights by default', () => {
    for (const name of files.filter((file) => file.startsWith('.github/workflows/'))) {
      const text = read(name)
      expect(
        [...text.matchAll(/uses: (\S+)/gu)]
          .map(([, used = '']) => used)
          .filter((used) => !/@[0-9a-f]{40}$/u.test(used)),
      ).toEqual([])
      expect(text).toMatch(/^permissions: \{\}$/mu)
    }
  })

  it('production libraries have licences that we may ship', () => {
    const allowed =
      /^(MIT|ISC|Apache-2\.0|BSD-2-Clause|BSD-3-Clause|0BSD|BlueOak-1\.0\.0|Unlicense|Python-2\.0|PSF-2\.0|CC0-1\.0|\(?MIT (OR|AND) [^)]*\)?|Apache-2\.0 AND MIT)$/u
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { dev?: boolean; license?: string; link?: boolean; optional?: boolean }>
    }
    // Their manifests say it in ways of their own; their licence files say MIT or Apache-2.0, and Apache-2.0.
    const readByHand = new Set(['node_modules/pause-stream', 'node_modules/qrcode-terminal'])
    // Some say it the way of old, which lock files leave out.
    const licenceOf = (name: string): string => {
      const { licenses = [] } = JSON.parse(read(join(name, 'package.json'))) as { licenses?: { type: string }[] }
      return licenses.map(({ type }) => type).join(' OR ')
    }
    const wrong = Object.entries(lock.packages)
      .filter(
        ([name, { dev, link }]) =>
          !readByHand.has(name) && name.includes('node_modules/') && dev !== true && link !== true,
      )
      .map(([name, { license }]) => ({ name, license: license ?? licenceOf(name) }))
      .filter(({ license }) => !allowed.test(license))
      .map(({ name, license }) => `${name}: ${license}`)
    expect(wrong).toEqual([])
  })

  it('links in the documentation lead somewhere', () => {
    const broken = files
      .filter((name) => name.endsWith('.md'))
      .flatMap((name) =>
        [...read(name).matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/gu)]
          .map(([, link = '']) => link)
          .filter((link) => !/^[a-z]+:/u.test(link) && !existsSync(join(root, dirname(name), link)))
          .map((link) => `${name}: ${link}`),
      )
    expect(broken).toEqual([])
  })
})
