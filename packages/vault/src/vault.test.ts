import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { fc, test } from '@fast-check/vitest'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { homeslice, start, withoutRights } from '@homeslice/testing'
import { ensureIdentity, type Identity, identityPath, readIdentity } from './identity.ts'
import { lifeOf } from './life.ts'
import { seal } from './seal.ts'
import { loadVault, rekey, setSecret } from './vault.ts'

let folder = ''
let path = ''
let me: Identity
let other: Identity
const canary = `canary-${randomBytes(8).toString('hex')}`

const identity = async (name: string): Promise<Identity> => {
  const made = await ensureIdentity(join(folder, name))
  if (!made.ok) throw new Error(made.message)
  return made
}
const read = async (name: string, who: Identity = me) => {
  const loaded = await loadVault(path)
  return loaded.ok ? loaded.vault.read(name, who) : loaded
}
const set = (name: string, value: string) => setSecret(path, { name, value }, me)
const failed = (result: { readonly ok: boolean }): string =>
  'message' in result ? String(result.message) : 'it did not fail'

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeslice-vault-'))
  me = await identity('me.txt')
  other = await identity('other.txt')
})
afterAll(() => rm(folder, { recursive: true, force: true }))
beforeEach(async () => {
  path = join(await mkdtemp(join(folder, 'v-')), 'secrets.yaml')
})

describe('a vault', () => {
  it('is empty where there is no file', async () => {
    const loaded = await loadVault(path)
    expect(loaded.ok && [loaded.vault.versions(), loaded.vault.recipients]).toEqual([{}, []])
    expect(failed(await read('a'))).toBe('there is no secret "a"')
  })

  it('keeps values, and raises a version with each set', async () => {
    expect([await set('b', 'x'), await set('a', canary), await set('a', canary)]).toMatchObject([
      { version: 1 },
      { version: 1 },
      { version: 2 },
    ])
    const loaded = await loadVault(path)
    expect(loaded.ok && loaded.vault.versions()).toEqual({ a: 2, b: 1 })
    expect(await read('a')).toEqual({ ok: true, value: canary })
    const text = await readFile(path, 'utf8')
    expect(text.indexOf('  a:')).toBeLessThan(text.indexOf('  b:'))
    expect(text).not.toContain(canary)
  })

  test.prop([fc.string({ unit: 'binary', minLength: 1, maxLength: 300 })], { numRuns: 20 })(
    'gives back any text as it was',
    async (value) => {
      path = join(await mkdtemp(join(folder, 'p-')), 'secrets.yaml')
      expect((await set('a', value)).ok).toBe(true)
      expect(await read('a')).toEqual({ ok: true, value })
    },
  )

  it.each([
    ['a name that is none', 'A b', 'x', '"A b" is no name for a secret'],
    ['an empty value', 'a', '', 'the value is empty'],
    ['a value that is too large', 'a', 'x'.repeat(901 * 1024), 'the value is larger than 900 KB'],
  ])('refuses %s', async (_, name, value, message) => {
    expect(failed(await set(name, value))).toBe(message)
    expect(await readdir(join(path, '..'))).toEqual([])
  })

  it('keeps the comments of people', async () => {
    await set('a', 'x')
    await writeFile(path, (await readFile(path, 'utf8')).replace('secrets:', '# ours\nsecrets:'))
    await set('b', 'y')
    expect(await readFile(path, 'utf8')).toContain('# ours\nsecrets:')
  })

  it('loses no update of two at once', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, index) => set(`s${index}`, 'x')))
    const loaded = await loadVault(path)
    expect(loaded.ok && Object.keys(loaded.vault.versions())).toHaveLength(8)
  })

  it('keeps who may read its file', async () => {
    await set('a', 'x')
    await chmod(path, 0o640)
    await set('a', 'y')
    expect((await stat(path)).mode & 0o777).toBe(0o640)
  })

  it('takes a name that every object has', async () => {
    expect([await set('constructor', canary), await read('constructor')]).toEqual([
      { ok: true, version: 1 },
      { ok: true, value: canary },
    ])
  })

  it('that cannot be written is as it was, with nothing beside it', async () => {
    await set('a', 'x')
    const before = await readFile(path, 'utf8')
    // The name of the file and of its lock are as long as a name can be; what is written first has a longer one.
    const long = join(path, '..', 'x'.repeat(240))
    await rename(path, long)
    expect(await setSecret(long, { name: 'a', value: 'y' }, me)).toMatchObject({
      ok: false,
      message: `${long} cannot be written (ENAMETOOLONG); it is as it was`,
    })
    expect(await readFile(long, 'utf8')).toBe(before)
    expect(await readdir(join(path, '..'))).toEqual(['x'.repeat(240)])
  })

  it('in a folder of somebody else says so', async () => {
    await set('a', 'x')
    await chmod(folder, 0o755)
    await chmod(join(path, '..'), 0o555)
    expect(await withoutRights(() => set('a', 'y'))).toMatchObject({
      ok: false,
      message: `${path}.lock cannot be written (EACCES)`,
      fix: 'look at the rights of that folder and the free disk',
    })
    await chmod(join(path, '..'), 0o700)
    expect(await read('a')).toEqual({ ok: true, value: 'x' })
  })

  it('that is made anew, or turned back, never calls another value what it called one before', async () => {
    const called = async (): Promise<unknown> => {
      const loaded = await loadVault(path)
      return loaded.ok && loaded.vault.inCluster()['a']
    }
    await set('a', 'one')
    const first = await readFile(path, 'utf8')
    const names = [await called()]
    await rm(path)
    await set('a', 'another')
    names.push(await called())
    for (const value of ['two', 'not two']) {
      await writeFile(path, first)
      await set('a', value)
      names.push(await called())
    }
    expect(names).toEqual([/^1-/u, /^1-/u, /^2-/u, /^2-/u].map((one) => expect.stringMatching(one) as string))
    expect(new Set(names).size).toBe(4)
  })

  it('whose values have no ids calls them as before, until they are set', async () => {
    const value = async (name: string, version: number): Promise<string> =>
      (await seal({ name, version, value: `of ${name}` }, [me.recipient])).trimEnd().replaceAll('\n', '\n      ')
    const secrets = await Promise.all(
      ['a', 'b'].map(async (name) => `  ${name}:\n    version: 3\n    value: |\n      ${await value(name, 3)}\n`),
    )
    await writeFile(path, `version: 1\nrecipients: [${me.recipient}]\nsecrets:\n${secrets.join('')}`)
    expect([await read('a'), await read('b')]).toEqual(['a', 'b'].map((name) => ({ ok: true, value: `of ${name}` })))
    await set('b', 'new')
    expect((await rekey(path, { add: [other.recipient] }, me)).ok).toBe(true)
    const loaded = await loadVault(path)
    expect(loaded.ok && loaded.vault.inCluster()).toEqual({
      a: 3,
      b: expect.stringMatching(/^4-[0-9a-f]{6}$/u) as string,
    })
    expect([await read('a', other), await read('b', other)]).toMatchObject([{ value: 'of a' }, { value: 'new' }])
  })

  it('takes over the lock of a dead process', async () => {
    await symlink(lifeOf(999_999_999), `${path}.lock`)
    expect((await set('a', 'x')).ok).toBe(true)
  })
})

describe('recipients', () => {
  it('come and go, and versions stay', async () => {
    await set('a', canary)
    await set('a', canary)
    expect(failed(await read('a', other))).toContain('cannot be opened with your identity')
    expect((await rekey(path, { add: [other.recipient] }, me)).ok).toBe(true)
    expect([await read('a', other), await read('a')]).toEqual([
      { ok: true, value: canary },
      { ok: true, value: canary },
    ])
    expect((await rekey(path, { remove: [me.recipient] }, other)).ok).toBe(true)
    expect(failed(await read('a'))).toContain('cannot be opened')
    const loaded = await loadVault(path)
    expect(loaded.ok && loaded.vault.versions()).toEqual({ a: 2 })
  })

  it.each([
    ['one that is none', { add: ['age1x'] }, /is no age recipient/u],
    ['an unknown one', { remove: ['age1unknown'] }, /is no recipient of this vault/u],
  ])('refuse %s', async (_, change, message) => {
    await set('a', 'x')
    expect(failed(await rekey(path, change, me))).toMatch(message)
  })

  it('cannot be joined by one who cannot read', async () => {
    await set('a', canary)
    const before = await readFile(path, 'utf8')
    expect(failed(await rekey(path, { add: [other.recipient] }, other))).toContain(
      'cannot be opened with your identity',
    )
    expect(await readFile(path, 'utf8')).toBe(before)
  })

  it('cannot lock themselves out', async () => {
    await set('a', 'x')
    expect(failed(await rekey(path, { remove: [me.recipient], add: [other.recipient] }, me))).toBe(
      'you would lock yourself out',
    )
  })
})

describe('damage is told, never a value', () => {
  const damaged = async (change: (text: string) => string): Promise<string> => {
    await set('a', canary)
    await set('b', 'other')
    await writeFile(path, change(await readFile(path, 'utf8')))
    const result = await read('a')
    expect(inspect(result, { depth: 9 })).not.toContain(canary)
    return failed(result)
  }
  it('swapped values', async () => {
    expect(
      await damaged((text) => {
        const [a = '', b = ''] = text.match(/-----BEGIN[^]*?-----END AGE ENCRYPTED FILE-----/gu) ?? []
        return text.replace(a, 'A').replace(b, a).replace('A\n', `${b}\n`)
      }),
    ).toContain('tampered with')
  })
  it('an id that is another', async () => {
    expect(await damaged((text) => text.replace(/id: "?[0-9a-f]{6}"?/u, 'id: "0123ff"'))).toContain('tampered with')
  })
  it('a version turned back', async () => {
    await set('a', 'before')
    expect(await damaged((text) => text.replace('version: 2', 'version: 1'))).toContain('tampered with')
  })
  it('a changed value', async () => {
    expect(
      await damaged((text) =>
        text.replace(
          /(BEGIN AGE ENCRYPTED FILE-----\n\s+)(.)/u,
          (_, head: string, letter: string) => `${head}${letter === 'Y' ? 'Z' : 'Y'}`,
        ),
      ),
    ).toContain('cannot be opened')
  })
  it.each([
    ['half a file', (text: string) => text.slice(0, text.length / 2), /^secrets\.a\.value: is no whole value/u],
    ['a merge conflict', (text: string) => `${text}<<<<<<< HEAD\n`, /merge conflict/u],
    ['an unknown key', (text: string) => `${text}extra: 1\n`, /Unrecognized key|extra/u],
    ['no YAML', () => 'a: [', /not YAML/u],
    ['another version', (text: string) => text.replace('version: 1\nrec', 'version: 9\nrec'), /version/u],
    [
      'a value that is none',
      (text: string) => text.replace(/value: \|[^]*?FILE-----\n(?=\s+b:)/u, 'value: x\n'),
      /secrets\.a\.value/u,
    ],
    ['nothing, as a full disk leaves it', () => '', /^the file: Invalid input/u],
    ['a list', () => '- a\n', /^the file: Invalid input/u],
  ])('%s', async (_, change, message) => {
    expect(await damaged(change)).toMatch(message)
    const now = await readFile(path, 'utf8')
    expect(failed(await set('a', 'other'))).toMatch(message)
    expect(await readFile(path, 'utf8')).toBe(now)
  })
  it.each([
    ['what is missing, at the start', 'version: 1\nrecipients: [age1x]\n', [1, 1], /^secrets: Invalid input/u],
    ['what is wrong', 'version: 1\nrecipients: [age1x, bob]\nsecrets: {}\n', [2, 21], /^recipients\.1: is no age/u],
    ['a part that stands for another', 'version: 1\nrecipients: &a [age1x]\nsecrets: *a\n', [3, 10], /by "\*a"$/u],
    ['one that stands for nothing', 'version: *no\n', [1, 10], /by "\*no"$/u],
    ['no YAML', 'version: 1\nrecipients: [\n', [3, 1], /^this is not YAML: /u],
  ])('with its place: %s', async (_, text, [line, column], message) => {
    await writeFile(path, text)
    expect(await loadVault(path)).toEqual({
      ok: false,
      message: expect.stringMatching(message) as string,
      fix: 'take the file back from git',
      file: path,
      line,
      column,
    })
  })
  it('a folder, and a file that is no vault of ours', async () => {
    await mkdir(path)
    expect(failed(await loadVault(path))).toContain('cannot be read')
    await rm(path, { recursive: true })
    await writeFile(path, Buffer.alloc(17 * 1024 * 1024))
    expect(failed(await loadVault(path))).toContain('larger than 16 MB')
  })
})

describe('the identity', () => {
  it('is made once, closed to others, and never overwritten', async () => {
    const at = join(folder, 'deep', 'er', 'identity.txt')
    const made = await ensureIdentity(at)
    const again = await ensureIdentity(at)
    expect([made, again]).toMatchObject([
      { ok: true, made: true },
      { ok: true, made: false },
    ])
    expect(made.ok && again.ok && made.key === again.key).toBe(true)
    expect((await stat(at)).mode & 0o777).toBe(0o600)
  })
  it('is one, when several make it at once', async () => {
    const at = join(await mkdtemp(join(folder, 'i-')), 'identity.txt')
    const made = await Promise.all(Array.from({ length: 6 }, () => ensureIdentity(at)))
    expect(new Set(made.map((one) => (one.ok ? one.key : one.message))).size).toBe(1)
    expect(made.filter((one) => one.ok && one.made)).toHaveLength(1)
    expect(await readdir(join(at, '..'))).toEqual(['identity.txt'])
  })
  it.each([
    ['below a file', (at: string) => writeFile(join(at, '..'), ''), 'ENOTDIR', /cannot be used \(ENOTDIR\)$/u],
    [
      'by a name that is too long',
      () => Promise.resolve(),
      'x'.repeat(240),
      /^no identity can be made at .* \(ENAMETOOLONG\)$/u,
    ],
  ])('cannot be made %s', async (_, make, name, message) => {
    const at = join(await mkdtemp(join(folder, 'i-')), 'sub', name)
    await make(at)
    expect(failed(await ensureIdentity(at))).toMatch(message)
  })
  it('of somebody else is refused', async () => {
    await chmod(folder, 0o755)
    const at = join(folder, 'me.txt')
    if (process.geteuid?.() !== 0) await chmod(at, 0)
    expect(failed(await withoutRights(() => readIdentity(at)))).toBe(`the identity ${at} cannot be used (EACCES)`)
    await chmod(at, 0o600)
  })
  it.each([
    [
      'open to others',
      async (at: string) => writeFile(at, me.key).then(() => chmod(at, 0o644)),
      'others can read the identity',
    ],
    ['a folder', (at: string) => mkdir(at), 'is no file'],
    ['without a key', (at: string) => writeFile(at, 'hello', { mode: 0o600 }), 'holds no age identity'],
    ['with half a key', (at: string) => writeFile(at, 'AGE-SECRET-KEY-1ABC', { mode: 0o600 }), 'cannot be used'],
    ['missing', () => Promise.resolve(), 'there is no identity at'],
  ])('is refused when it is %s', async (_, make, message) => {
    const at = join(await mkdtemp(join(folder, 'i-')), 'identity.txt')
    await make(at)
    expect(failed(await readIdentity(at))).toContain(message)
  })
  it('lies where HOMESLICE_IDENTITY says, else in the home folder', () => {
    const usual = '.config/homeslice/identity.txt'
    expect(
      [{ HOMESLICE_IDENTITY: '/a', HOME: '/h' }, { HOMESLICE_IDENTITY: '', HOME: '/h' }, {}].map(identityPath),
    ).toEqual(['/a', `/h/${usual}`, join(homedir(), usual)])
  })
})

describe('killed while it writes', () => {
  it('leaves the old file or the new one, never half', async () => {
    const home = join(path, '..', 'home.yaml')
    const env = { HOMESLICE_IDENTITY: join(folder, 'me.txt') }
    await homeslice(['secrets', 'set', 'a', '--file', home], { env, input: 'first' })
    for (let round = 0; round < 6; round += 1) {
      const running = start('./homeslice', ['secrets', 'set', 'a', '--file', home], {
        env,
        input: `${canary}${round}`,
        detached: true,
      })
      await new Promise((resolve) => setTimeout(resolve, 60 + round * 25))
      if (running.child.exitCode === null && running.child.pid !== undefined)
        process.kill(-running.child.pid, 'SIGKILL')
      await running.ended
      const now = await read('a')
      expect(now.ok && (now.value === 'first' || now.value.startsWith(canary))).toBe(true)
    }
    expect((await set('a', 'last')).ok).toBe(true)
  }, 180_000)
})
