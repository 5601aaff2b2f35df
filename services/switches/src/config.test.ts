import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '@homeslice/testing'
import { readAccount } from './account.ts'
import { checkAccounts, parseConfig, readConfig } from './config.ts'

const one = (more: object): string => JSON.stringify([{ id: 'a', kind: 'kasa/v1', address: '192.0.2.1', ...more }])
const plain = { id: 'a', kind: 'kasa/v1', name: 'a', address: '192.0.2.1' }

describe('the config file', () => {
  it.each([
    ['no switches', '[]', []],
    ['one without a name', one({}), [plain]],
    ['an empty name', one({ name: '' }), [plain]],
    ['a name that is none', one({ name: 7 }), [plain]],
    ['a name of its own', one({ name: 'Porch' }), [{ ...plain, name: 'Porch' }]],
    ['an outlet', one({ child: '1' }), [{ ...plain, child: '1' }]],
    ['an outlet by its number', one({ child: 0 }), [{ ...plain, child: '0' }]],
    ['an empty outlet and account', one({ child: '', account: null }), [plain]],
    ['an account', one({ Account: '/run/account' }), [{ ...plain, account: '/run/account' }]],
    ['a port of KLAP', one({ klapPort: 8080 }), [{ ...plain, klapPort: 8080 }]],
    ['a port', one({ kind: 'wemo/v1', port: 49_155 }), [{ ...plain, kind: 'wemo/v1', port: 49_155 }]],
    ['port 0, as Go writes none', one({ port: 0 }), [plain]],
    ['no port at all', one({ port: null }), [plain]],
    ['a host name', one({ address: 'plug.lan' }), [{ ...plain, address: 'plug.lan' }]],
    ['an IPv6 address', one({ address: 'fd00::1' }), [{ ...plain, address: 'fd00::1' }]],
    ['keys in any case', '[{"ID":"a","Kind":"kasa/v1","ADDRESS":"192.0.2.1"}]', [plain]],
    ['unknown keys', one({ colour: 'red', __proto__x: 1 }), [plain]],
    ['text after the array', `${one({})} and more`, [plain]],
    ['another array after it', `${one({})}\n[{}]`, [plain]],
    ['an id twice: the last counts', `[{"id":"a","kind":"wemo/v1","address":"192.0.2.9"},${one({}).slice(1)}`, [plain]],
    [
      'a key twice: the last counts',
      '[{"id":"b","Id":"a","kind":"kasa/v1","address":"192.0.2.9","Address":"192.0.2.1"}]',
      [plain],
    ],
  ])('takes %s', (_, text, switches) => {
    const read = parseConfig(text, 'x.json')
    expect(read.ok ? [...read.switches.values()] : read).toEqual(switches)
  })

  it.each([
    ['nothing', '', 'x.json holds no JSON array of switches'],
    ['half an array', '[{"id":"a"', 'x.json holds no JSON array of switches'],
    ['an object', '{}', 'x.json holds no JSON array of switches'],
    ['a number', '[7]', 'x.json: switch 1 is no object'],
    ['no id', '[{"kind":"kasa/v1"}]', 'x.json: switch 1 has no id'],
    ['no kind', '[{"id":"a"}]', 'x.json: switch 1 ("a") is of kind undefined; known are kasa/v1 and wemo/v1'],
    ['another kind', one({ kind: 'Kasa/v1' }), /is of kind "Kasa\/v1"/u],
    ['no address', one({ address: '' }), /\("a"\) has no IP address or host name/u],
    ['an address with a path', one({ address: 'h/x' }), /\("a"\) has no IP address or host name/u],
    ['a port in quotes', one({ port: '9999' }), /\("a"\) has a port that is none/u],
    ['a port out of range', one({ port: 65_536 }), /\("a"\) has a port that is none/u],
    ['a port of KLAP that is none', one({ KLAPPORT: -1 }), /\("a"\) has a klapPort that is none/u],
    ['an outlet that is a list', one({ child: [0] }), /\("a"\) has a child that is neither the place nor the name/u],
    ['an account written out', one({ account: { user: 'me' } }), /\("a"\) has an account that is no path of a file/u],
    ['a good one and a bad one', `${one({}).slice(0, -1)},{}]`, 'x.json: switch 2 has no id'],
  ])('refuses %s', (_, text, message) => {
    const read = parseConfig(text, 'x.json')
    expect(read).toMatchObject({ ok: false, exit: 2 })
    expect('message' in read && read.message).toMatch(message)
  })

  it('is read from disk, or its place is named', async () => {
    const path = join(await temporaryFolder(), 'switches.json')
    expect(readConfig(path)).toMatchObject({ ok: false, exit: 2, message: expect.stringContaining(path) })
    writeFileSync(path, one({}))
    expect(readConfig(path).ok).toBe(true)
  })
})

describe('the account of a device', () => {
  const withAccount = async (content: string | undefined) => {
    const path = join(await temporaryFolder(), 'account')
    if (content !== undefined) writeFileSync(path, content)
    return {
      path,
      checked: await checkAccounts(parseConfig(one({ account: path }), 'x.json'), 'x.json'),
      read: await readAccount(path),
    }
  }

  it.each([
    ['two lines', 'me@casa.test\na secret '],
    ['two lines and an end', 'me@casa.test\na secret \n'],
    ['the lines of Windows', ' me@casa.test\r\na secret \r\n'],
  ])('is %s of a file', async (_, content) => {
    const { checked, read } = await withAccount(content)
    expect([checked.ok, read]).toEqual([true, { ok: true, value: { user: 'me@casa.test', password: 'a secret ' } }])
  })

  it.each([
    ['no file', undefined, 'cannot be read: ENOENT'],
    ['one line', 'me@casa.test', 'must hold an e-mail address on its first line and a password on its second'],
    ['no address', '\nsecret', 'must hold an e-mail address'],
  ])('is refused where there is %s', async (_, content, reason) => {
    const { path, checked } = await withAccount(content)
    expect(checked).toMatchObject({ ok: false, exit: 2 })
    expect('message' in checked && checked.message).toContain(`x.json: switch "a": the account file ${path} ${reason}`)
  })

  it('is not looked for where the file of switches is refused', async () => {
    const refused = parseConfig('', 'x.json')
    expect(await checkAccounts(refused, 'x.json')).toBe(refused)
  })
})
