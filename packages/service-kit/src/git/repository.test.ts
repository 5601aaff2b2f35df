import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type GitSimulator, simulatedKnownHost, startGit } from '@homeslice/simulators'
import { root, run } from '@homeslice/testing'
import { type Push, pushFiles } from './repository.ts'

const host = '127.0.9.42'
const folder = mkdtempSync(join(tmpdir(), 'homeslice-repository-'))
const path = (name: string): string => join(folder, name)
const url = `ssh://git@${host}:2222/backups.git`
let remote: GitSimulator
beforeAll(() => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path('key')])
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', path('locked')])
  const other = readFileSync(path('key.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  writeFileSync(path('known'), `# a comment\n${simulatedKnownHost}\n`)
  writeFileSync(path('changed'), `[${host}]:2222 ${other}\n`)
  writeFileSync(path('empty'), '')
  mkdirSync(path('work'))
})
beforeEach(async () => {
  remote = await startGit({ name: 'remote', host })
})
afterEach(async () => {
  await remote.stop()
  vi.unstubAllEnvs()
  expect(readdirSync(path('work'))).toEqual([])
})
afterAll(() => rmSync(folder, { recursive: true }))

const push = (files: Record<string, string>, more: Partial<Push> = {}, login: Partial<Push['remote']> = {}) =>
  pushFiles({
    remote: { url, privateKeyPath: path('key'), knownHostsPath: path('known'), ...login },
    author: { name: 'A "B" $(id) <c>', email: 'a@b' },
    message: 'a message; "of" $(two)\nlines',
    signal: new AbortController().signal,
    place: path('work/clone'),
    fill: async ({ folder: clone }) => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(clone, name), text)
      return Object.keys(files)
    },
    ...more,
  })
const log = (...args: string[]): string => execFileSync('git', ['-C', remote.repository, ...args], { encoding: 'utf8' })

/** What somebody else pushed, as the repository has it afterwards. */
const meanwhile = (text: string): void => {
  const git = (args: readonly string[], input = '') =>
    execFileSync('git', ['-C', remote.repository, '-c', 'user.name=x', '-c', 'user.email=y', ...args], {
      input,
      encoding: 'utf8',
    }).trim()
  const blob = git(['hash-object', '-w', '--stdin'], text)
  const tree = git(['mktree'], `${git(['ls-tree', 'main'])}\n100644 blob ${blob}\tb-${text}\n`.trimStart())
  git(['update-ref', 'refs/heads/main', git(['commit-tree', tree, '-p', 'main', '-m', text])])
}

describe('files', { timeout: 120_000 }, () => {
  it('are pushed with names, author and message as they are: nothing is taken for a command', async () => {
    const name = `-a "b" $(id) *.unf`
    expect(await push({ [name]: 'one' })).toEqual({ ok: true, changed: true, commit: log('rev-parse', 'main').trim() })
    expect(log('log', '-1', '--format=%an|%ae|%cn|%ce|%B', 'main').trim()).toBe(
      'A "B" $(id) c|a@b|A "B" $(id) c|a@b|a message; "of" $(two)\nlines',
    )
    expect(log('show', `main:${name}`)).toBe('one')
  })

  it('that have not changed are not committed, and others stay as they are', async () => {
    await push({ a: 'a', b: 'b' })
    expect(await push({ a: 'a' })).toEqual({ ok: true, changed: false })
    expect(await push({ a: 'other' })).toMatchObject({ ok: true, changed: true })
    expect(log('ls-tree', '--name-only', 'main')).toBe('a\nb\n')
    expect(log('rev-list', '--count', 'main')).toBe('2\n')
  })

  it('are committed though the repository ignores them, and a link in it leads nowhere', async () => {
    const clone = path('by-hand')
    execFileSync('git', ['clone', '-q', remote.repository, clone], { stdio: 'ignore' })
    writeFileSync(join(clone, '.gitignore'), '*')
    symlinkSync(path('outside'), join(clone, 'a'))
    writeFileSync(path('outside'), 'mine')
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', clone, '-c', 'user.name=x', '-c', 'user.email=y', ...args])
    git('add', '-f', '.gitignore', 'a')
    git('commit', '-qm', 'by hand')
    git('push', '-q', 'origin', 'HEAD:main')
    rmSync(clone, { recursive: true })
    expect(await push({ a: 'new' })).toMatchObject({ ok: true, changed: true })
    expect([log('show', 'main:a'), readFileSync(path('outside'), 'utf8')]).toEqual(['new', 'mine'])
  })

  it('of before are given to whoever asks for them', async () => {
    await push({ a: 'text of a', b: 'b' })
    const seen: unknown[] = []
    const fill: Push['fill'] = async ({ texts, folder: clone }) => {
      seen.push([...texts], readdirSync(clone))
      return ['a']
    }
    await push({}, { reads: ['a', 'none'], fill })
    expect(seen).toEqual([[['a', 'text of a']], ['.git']])
  })

  it('of before that are larger than anybody means are not taken into memory', async () => {
    await push({ big: 'x'.repeat((16 << 20) + 1) })
    expect(await push({ a: 'a' }, { reads: ['big'] })).toEqual({
      ok: false,
      message: `a file at ${url} is larger than any that this program writes; remove it there`,
    })
  })

  it('come on top of what somebody else pushed meanwhile', async () => {
    await push({ a: '1' })
    let rounds = 0
    const fill: Push['fill'] = async ({ folder: clone }) => {
      if ((rounds += 1) === 1) meanwhile('quicker')
      writeFileSync(join(clone, 'a'), '2')
      return ['a']
    }
    expect(await push({}, { fill })).toMatchObject({ ok: true, changed: true })
    expect([rounds, log('show', 'main:a'), log('show', 'main:b-quicker')]).toEqual([2, '2', 'quicker'])
  })

  it('are given up where others push all the time', async () => {
    await push({ a: '1' })
    let rounds = 0
    const fill: Push['fill'] = async ({ folder: clone }) => {
      meanwhile(`${(rounds += 1)}`)
      writeFileSync(join(clone, 'a'), '2')
      return ['a']
    }
    expect(await push({}, { fill })).toEqual({
      ok: false,
      message: `others push to ${url} all the time; 3 tries came too late`,
    })
  })
})

type Bad = readonly [string, Partial<Push['remote']>, RegExp]

describe(
  'what keeps files from being pushed is told in a sentence, and the working folder goes',
  { timeout: 120_000 },
  () => {
    const refusal = async (more: Partial<Push> = {}, login: Partial<Push['remote']> = {}): Promise<string> => {
      const pushed = await push({ a: 'a' }, more, login)
      return pushed.ok ? 'pushed' : pushed.message
    }

    it.each<Bad>([
      [
        'no address',
        { url: 'https://example.org/x.git' },
        /^"https:.*" is no address of a repository over SSH; write it/u,
      ],
      ['an address that is an option', { url: '-oProxyCommand=id:x' }, /is no address/u],
      ['a host that is an option', { url: 'ssh://-oProxyCommand=id/x' }, /is no address/u],
      [
        'a moved repository',
        { url: url.replace('backups', 'moved') },
        /^there is no repository at ssh:.*if it has moved/u,
      ],
      ['a host that nobody knows', { url: 'git@nowhere.invalid:x' }, /^nobody knows the address of nowhere\.invalid/u],
      [
        'a closed port',
        { url: `ssh://${host}:1/x` },
        /^127\.0\.9\.42 cannot be reached at port 1: Connection refused/u,
      ],
      ['no key', { privateKeyPath: path('none') }, /^the private key cannot be read from .*none \(ENOENT\)/u],
      ['the public half', { privateKeyPath: path('key.pub') }, /key\.pub holds no private key; it begins with/u],
      [
        'a locked key',
        { privateKeyPath: path('locked') },
        /ssh cannot use the private key \(.*passphrase|does not take the private key/u,
      ],
      [
        'no known hosts',
        { knownHostsPath: path('none') },
        /^the known hosts cannot be read from .*none \(ENOENT\); .*ssh-keyscan/u,
      ],
      [
        'an unknown host, to the user',
        { knownHostsPath: undefined },
        /^the known hosts (have no key of|cannot be read from)/u,
      ],
      [
        'an unknown host',
        { knownHostsPath: path('empty') },
        /^the known hosts have no key of 127.*`ssh-keyscan -p 2222 127\.0\.9\.42`/u,
      ],
      ['another host key', { knownHostsPath: path('changed') }, /shows another key than the one in the known hosts/u],
    ])('%s', async (_, login, says) => {
      expect(await refusal({}, login)).toMatch(says)
    })

    it.each([
      ['error', /^127\.0\.9\.42 does not take the private key; add its public half/u],
      ['stuck', /^the key may read ssh:.* and not write it/u],
      ['vanish', /^127\.0\.9\.42 broke off or did not answer as SSH does/u],
      ['garbage', /^127\.0\.9\.42 broke off or did not answer as SSH does/u],
      ['huge', /^127\.0\.9\.42 broke off or did not answer as SSH does/u],
    ] as const)('a server with the fault %s', async (fault, says) => {
      await remote.setFault(fault)
      expect(await refusal()).toMatch(says)
    })

    it('a server that is silent, for as long as we have', async () => {
      await remote.setFault('silent')
      expect(await refusal({ within: 2000 })).toBe(`${host} took too long and was given up`)
    })

    it('a job that is told to end', async () => {
      await remote.setFault('silent')
      expect(await refusal({ signal: AbortSignal.abort('SIGTERM') })).toBe('told to end by SIGTERM')
      const told = new AbortController()
      const waiting = refusal({ signal: told.signal })
      await vi.waitFor(() => expect(readdirSync(path('work'))).toHaveLength(1))
      told.abort('SIGINT')
      expect(await waiting).toBe('told to end by SIGINT')
    })

    it('a working folder that is nowhere', async () => {
      expect(await refusal({ place: path('nowhere/clone') })).toMatch(/^ENOENT: .*look at who owns that folder/u)
    })

    it('a machine without git, and one without ssh', async () => {
      vi.stubEnv('PATH', folder)
      expect(await refusal()).toBe("there is no git here; install Debian's git")
      mkdirSync(path('bin'))
      symlinkSync('/usr/bin/git', path('bin/git'))
      vi.stubEnv('PATH', path('bin'))
      expect(await refusal()).toMatch(/^the program ssh cannot be started \(ENOENT\)/u)
    })

    it('a bug of ours is thrown', async () => {
      const fill = () => Promise.reject(new TypeError('on purpose'))
      await expect(push({}, { fill })).rejects.toThrow('on purpose')
    })

    it('what git says and nobody has thought of', async () => {
      expect(await refusal({ author: { name: '', email: '' } })).toMatch(
        /^git ended with 128: fatal: empty ident name/u,
      )
    })

    it('a full disk of the server', async () => {
      writeFileSync(
        join(remote.repository, 'config'),
        `${readFileSync(join(remote.repository, 'config'), 'utf8')}\n[core]\nhooksPath = ${path('hooks')}\n`,
      )
      mkdirSync(path('hooks'))
      writeFileSync(
        path('hooks/pre-receive'),
        '#!/bin/sh\necho "fatal: write error: No space left on device" >&2; exit 1\n',
      )
      chmodSync(path('hooks/pre-receive'), 0o755)
      expect(await refusal()).toMatch(/^a disk is full: of this machine below .*, or of 127\.0\.9\.42/u)
    })
  },
)

/** A disk of 128 KiB in a mount namespace of its own: nothing of this machine changes. */
describe('a full disk', () => {
  it('is told in a sentence, and nothing is left behind', async () => {
    const script = path('full.ts')
    writeFileSync(
      script,
      `import { pushFiles } from '${root}/packages/service-kit/src/git/repository.ts'
       import { readdirSync } from 'node:fs'
       import { writeFile } from 'node:fs/promises'
       const told = []
       for (const bytes of [1 << 20, 100])
         told.push(await pushFiles({
           remote: { url: '${url}', privateKeyPath: '${path('key')}', knownHostsPath: '${path('known')}' },
           author: { name: 'a', email: 'b' }, message: 'm', signal: new AbortController().signal, place: '${path('work')}/clone',
           fill: async ({ folder }) => (await writeFile(folder + '/big', Buffer.alloc(bytes, 'x')), ['big']),
         }))
       console.log(JSON.stringify({ told, left: readdirSync('${path('work')}') }))`,
    )
    const mount = `mount -t tmpfs -o size=256k none '${path('work')}' && exec '${process.execPath}' '${script}'`
    const ended = await run('unshare', [
      ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
      '--mount',
      'sh',
      '-c',
      mount,
    ])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(ended.stdout)).toEqual({
      told: [
        {
          ok: false,
          message: expect.stringMatching(
            /^the disk below .* is full; make room there, nothing was changed$/u,
          ) as string,
        },
        { ok: true, changed: true, commit: expect.any(String) as string },
      ],
      left: [],
    })
  }, 120_000)
})
