import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newInstallationKey } from '@homeslice/devices'
import { temporaryFolder } from '@homeslice/testing'
import { levelOf, readSettings } from './settings.ts'

const files = async (key: string, creds: string) => {
  const folder = await temporaryFolder()
  const env = { INSTALLATION_KEY_PATH: join(folder, 'key.json'), CREDS_PATH: join(folder, 'creds.txt') }
  writeFileSync(env.INSTALLATION_KEY_PATH, key)
  writeFileSync(env.CREDS_PATH, creds)
  return env
}

describe('settings', () => {
  it.each([
    ['three lines', 'a@b.c\npass word\nMR1'],
    ['lines of another system', 'a@b.c\r\npass word\r\nMR1\r\n'],
  ])('take %s', async (_, creds) => {
    const read = readSettings(await files(newInstallationKey('an-id'), creds))
    expect(read).toMatchObject({
      ok: true,
      settings: {
        base: 'https://lion.lamarzocco.io/api/customer-app',
        account: { user: 'a@b.c', password: 'pass word' },
        serial: 'MR1',
        key: { id: 'an-id' },
      },
    })
  })

  it('take another cloud', async () => {
    const env = { ...(await files(newInstallationKey(), 'a\nb\nc')), LMZ_BASE_URL: 'http://cloud.svc/api' }
    expect(readSettings(env)).toMatchObject({ settings: { base: 'http://cloud.svc/api' } })
  })

  it.each([
    ['two lines', newInstallationKey(), 'a\nb\n', /creds.txt must have three lines/u],
    ['half a key', '{"secret":"', 'a\nb\nc', /key.json holds no installation key: it is no JSON/u],
  ])('refuse %s', async (_, key, creds, says) => {
    const read = readSettings(await files(key, creds))
    expect(read).toMatchObject({ ok: false, exit: 1, message: expect.stringMatching(says) as string })
  })

  it('refuse a cloud that is no web server', () => {
    expect(readSettings({ LMZ_BASE_URL: 'file:///etc/passwd' })).toMatchObject({ ok: false, exit: 1 })
  })

  it('name the account when only the key is there', async () => {
    const { INSTALLATION_KEY_PATH } = await files(newInstallationKey(), '')
    expect(readSettings({ INSTALLATION_KEY_PATH })).toMatchObject({ message: expect.stringMatching(/^CREDS_PATH/u) })
  })

  it.each([
    ['WARNING', 'warn'],
    ['critical', 'error'],
    ['debug', 'debug'],
    [undefined, undefined],
  ])('read the level %s as %s', (word, level) => {
    expect(levelOf(word)).toBe(level)
  })
})
