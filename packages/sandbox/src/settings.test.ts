import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readSettings, writeSettings, type Settings } from './settings.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homeslice-settings-'))
  path = join(folder, 'deep/settings.json')
})

afterEach(() => rmSync(folder, { recursive: true }))

const settings: Settings = {
  version: 1,
  name: 'one',
  ports: { api: 16_443, http: 8080, https: 8443 },
  octet: 231,
  durable: true,
}

test('what is written is read again, and only its owner reads it', () => {
  writeSettings(path, settings)
  expect(readSettings(path)).toEqual({ ok: true, settings })
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('there are none before the first start', () => {
  expect(readSettings(path)).toEqual({ ok: true })
})

test.each([
  { name: 'half a file', text: '{ "version": 1, "na' },
  { name: 'another version', text: JSON.stringify({ ...settings, version: 2 }) },
  { name: 'a port that is none', text: JSON.stringify({ ...settings, ports: { ...settings.ports, api: 0 } }) },
])('says which file is wrong and what to do: $name', ({ text }) => {
  writeSettings(path, settings)
  writeFileSync(path, text)
  const read = readSettings(path)
  expect(read).toMatchObject({
    ok: false,
    message: expect.stringContaining(path),
    fix: expect.stringContaining('destroy'),
  })
  expect(readFileSync(path, 'utf8')).toBe(text)
})

test('a path that cannot be read is named', () => {
  expect(readSettings(folder)).toMatchObject({ ok: false, message: expect.stringContaining(folder) })
})
