import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { make } from './change.ts'
import { withService } from './home-entry.ts'

const head = 'version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\n'

describe('a home file with one service more', () => {
  it.each([
    [
      'a block, before a comment',
      'services:\n  a: { use: clocktime } # a\n\n# end\n',
      'services:\n  a: { use: clocktime } # a\n  kettle: { use: kettle }\n\n# end\n',
    ],
    [
      'a block without an end of line',
      'services:\n    a: { use: clocktime }',
      'services:\n    a: { use: clocktime }\n    kettle: { use: kettle }\n',
    ],
    [
      'blocks within',
      'services:\n  a:\n    use: clocktime\n    env:\n      A: b\nredirects: []\n',
      'services:\n  a:\n    use: clocktime\n    env:\n      A: b\n  kettle: { use: kettle }\nredirects: []\n',
    ],
    [
      'a text of several lines at the end',
      'services:\n  a:\n    use: clocktime\n    files:\n      /a: |\n        one\n        # two\n',
      'services:\n  a:\n    use: clocktime\n    files:\n      /a: |\n        one\n        # two\n  kettle: { use: kettle }\n',
    ],
    [
      'one line',
      'services: { a: { use: clocktime } } # all\n',
      'services: { a: { use: clocktime }, kettle: { use: kettle } } # all\n',
    ],
    [
      'one line with a comma at its end',
      'services: { a: { use: clocktime }, }\n',
      'services: { a: { use: clocktime }, kettle: { use: kettle } }\n',
    ],
    [
      'lines within braces',
      'services: {\n  a: { use: clocktime }\n}\n',
      'services: {\n  a: { use: clocktime }, kettle: { use: kettle } }\n',
    ],
    ['none yet', 'services: {}\n', 'services: { kettle: { use: kettle } }\n'],
  ])('keeps all else: %s', (_, before, after) => {
    expect(withService(head + before, 'kettle')).toEqual({ ok: true, text: head + after, leftOut: [] })
    const windows = (text: string): string => text.replaceAll('\n', '\r\n')
    expect(withService(windows(head + before), 'kettle')).toMatchObject({
      ok: true,
      text: expect.stringContaining('kettle: { use: kettle }') as string,
    })
  })

  it.each([
    ['{ budget: { memory: 300Mi } }', '{ budget: { memory: 300Mi }, services: { kettle: false } }'],
    [
      '\n    budget: { memory: 300Mi }\n    services:\n      a: { env: { A: b } }',
      '\n    budget: { memory: 300Mi }\n    services:\n      a: { env: { A: b } }\n      kettle: false',
    ],
  ])('leaves it out where a budget has no room: %s', (before, after) => {
    const text = (staging: string, more: string): string =>
      `${head}environments:\n  prod: {}\n  staging: ${staging}\nservices:\n  a: { use: clocktime }\n${more}`
    expect(withService(text(before, ''), 'kettle')).toEqual({
      ok: true,
      text: text(after, '  kettle: { use: kettle }\n'),
      leftOut: ['staging'],
    })
  })

  it.each([
    ['services: []\n', /no place for another service; add it yourself below `services`: kettle: \{ use: kettle \}/u],
    ['services:\n', /no place/u],
    ['services: { kettle: { use: clocktime } }\n', /with one service more, this key stands here twice/u],
    ['services:\n  a: { use: clocktime, colour: red }\n', /with one service more, .*colour/u],
    ['\t', /no place/u],
  ])('says why it cannot be: %j', (text, says) => {
    expect(withService(head + text, 'kettle')).toEqual({ ok: false, message: expect.stringMatching(says) as string })
  })
})

describe('a change of files', () => {
  it('is made whole or not at all, and can be taken back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'homeslice-change-'))
    const at = (name: string): string => join(folder, name)
    writeFileSync(at('old'), 'old')
    mkdirSync(at('folder'))
    const all = (): string[] => readdirSync(folder, { recursive: true }).map(String).toSorted()
    const made = await make({ added: { [at('a/b/new')]: 'new' }, changed: { [at('old')]: 'changed' } })
    expect([all(), readFileSync(at('old'), 'utf8')]).toEqual([['a', 'a/b', 'a/b/new', 'folder', 'old'], 'changed'])
    if (made.ok) await made.undo()
    expect([all(), readFileSync(at('old'), 'utf8')]).toEqual([['folder', 'old'], 'old'])
    for (const wrong of [{ [at('x/y')]: 'x', [at('old')]: 'not over what is there' }, { [at('x/y')]: 'x' }]) {
      const failed = await make({ added: wrong, changed: { [at('old')]: 'changed', [at('folder')]: 'no file' } })
      expect(failed).toEqual({ ok: false, message: expect.stringMatching(/EEXIST|EISDIR/u) as string })
      expect([all(), readFileSync(at('old'), 'utf8')]).toEqual([['folder', 'old'], 'old'])
    }
    rmSync(folder, { recursive: true })
  })
})
