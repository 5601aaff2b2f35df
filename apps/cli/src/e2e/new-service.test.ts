import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ended, root, run } from '@homeslice/testing'
import { copyOfCheckout } from './checkout.testing.ts'

const long = 900_000

describe('homeslice new service', () => {
  let copy = ''
  const inCopy = (program: string, ...words: readonly string[]): Promise<Ended> =>
    run(process.execPath, [join(copy, program), ...words], { cwd: copy })
  const make = (...words: readonly string[]): Promise<Ended> =>
    inCopy('apps/cli/src/main.ts', 'new', 'service', ...words)
  const changes = (): string => execFileSync('git', ['status', '--short'], { cwd: copy, encoding: 'utf8' })
  beforeAll(() => {
    copy = copyOfCheckout()
  }, long)
  afterAll(() => rmSync(copy, { recursive: true, force: true }))

  it.each<[string, readonly string[], number, RegExp]>([
    ['a name that is none', ['Night_Light'], 2, /"Night_Light" is no name for a service\n {2}use lower-case letters/u],
    ['a name with digits', ['light2'], 2, /is no name/u],
    ['a name that is too long', ['a'.repeat(31)], 2, /is longer than 30 letters/u],
    ['a word of TypeScript', ['switch'], 2, /"switch" is reserved/u],
    ['a name of Homeslice itself', ['device-lamp'], 2, /"device-lamp" is reserved/u],
    ['a service that is there', ['buttons'], 1, /"buttons" is taken: there is services\/buttons/u],
    ['a package that is there', ['vault'], 1, /"vault" is taken: there is packages\/vault/u],
    [
      'a name that the catalog uses',
      ['malformed'],
      1,
      /"malformed" is taken: there is a name in packages\/catalog\/src\/index\.ts/u,
    ],
    ['a home file that is not there', ['lantern', '--file', 'nowhere.yaml'], 2, /nowhere\.yaml cannot be read/u],
  ])(
    'refuses %s, and writes nothing',
    async (_, words, exit, says) => {
      const { code, stderr } = await make(...words)
      expect([code, stderr, changes()]).toEqual([exit, expect.stringMatching(says) as string, ''])
    },
    long,
  )

  it(
    'refuses a home file or a source that it cannot change, and writes nothing',
    async () => {
      writeFileSync(join(copy, '../own.yaml'), 'version: 1\nservices: []\n')
      const own = await make('lantern', '--file', '../own.yaml')
      expect([own.code, own.stderr]).toEqual([
        1,
        expect.stringMatching(/no place for another service; add it yourself below `services`: lantern/u) as string,
      ])
      rmSync(join(copy, '../own.yaml'))
      const path = join(copy, 'packages/images/src/bundle.ts')
      const before = readFileSync(path, 'utf8')
      writeFileSync(path, before.replace('const programs', 'const entries'))
      const source = await make('lantern')
      writeFileSync(path, before)
      expect([source.code, source.stderr]).toEqual([
        1,
        expect.stringMatching(/packages\/images\/src\/bundle\.ts does not look as this command knows it/u) as string,
      ])
      expect(changes()).toBe('')
    },
    long,
  )

  it(
    'takes everything back when a step after writing fails',
    async () => {
      const oxfmt = join(copy, 'node_modules/.bin/oxfmt')
      rmSync(oxfmt)
      writeFileSync(oxfmt, "process.stderr.write('no room\\n'); process.exit(7)\n")
      chmodSync(oxfmt, 0o755)
      const { code, stderr } = await make('lantern')
      rmSync(oxfmt)
      execFileSync('cp', ['-a', join(root, 'node_modules/.bin/oxfmt'), oxfmt])
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/nothing was made: node_modules\/\.bin\/oxfmt ended with 7:\nno room/u) as string,
      ])
      expect([
        changes(),
        existsSync(join(copy, 'services/lantern')),
        existsSync(join(copy, 'node_modules/@homeslice/lantern')),
      ]).toEqual(['', false, false])
    },
    long,
  )

  it(
    'makes a service that passes every quick check as it is',
    async () => {
      const made = await make('night-light', '--json')
      expect([made.code, made.code === 0 ? '' : made.stderr + made.stdout]).toEqual([0, ''])
      expect(JSON.parse(made.stdout)).toMatchObject({ service: 'night-light', home: 'home/example.yaml' })
      const home = readFileSync(join(copy, 'home/example.yaml'), 'utf8')
      expect(home).toContain('  night-light: { use: night-light }\n')
      // Nothing that stood there before has gone, comments and spaces least of all.
      const removed = execFileSync('git', ['diff', '--numstat', 'home/example.yaml'], { cwd: copy, encoding: 'utf8' })
      expect(removed).toMatch(/^\d+\t0\t/u)
      expect(changes()).toMatch(/docs\/reference\/night-light\.md|docs\/reference\/openapi\/night-light\.json/u)
      for (const [tool, ...words] of [
        ['oxfmt', '--check', '.'],
        ['tsc', '--noEmit'],
        [
          'oxlint',
          '--type-aware',
          'services/night-light',
          'packages/catalog',
          'packages/testing/src/contract',
          'packages/images',
        ],
      ] as const) {
        const { code, stdout, stderr } = await inCopy(`node_modules/.bin/${tool}`, ...words)
        expect([tool, code, code === 0 ? '' : stdout + stderr]).toEqual([tool, 0, ''])
      }
      const tests = [
        'repo.test.ts',
        'services/night-light',
        'packages/catalog',
        'packages/testing/src/contract',
        'packages/images/src/images.test.ts',
        'packages/images/src/dist.test.ts',
        'packages/render/src/render.test.ts',
        'packages/config/src/reference.test.ts',
      ]
      const { code, stdout, stderr } = await inCopy('node_modules/.bin/vitest', 'run', '--project', 'quick', ...tests)
      expect([code, code === 0 ? '' : stdout + stderr]).toEqual([0, ''])
      expect(stdout).toMatch(/services\/night-light\/src\/contract\.test\.ts/u)
      const again = await make('night-light')
      expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('"night-light" is taken') as string])
    },
    long,
  )
})
