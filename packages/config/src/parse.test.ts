import { describe, expect, it } from 'vitest'
import { fc, test } from '@fast-check/vitest'
import { parseHome } from './parse.ts'
import { didYouMean } from './nearest.ts'
import { secretsOf } from './secrets.ts'
import { homeText } from './write.ts'

describe('parseHome', () => {
  it('refuses more than 4 MB in a sentence', () => {
    const read = parseHome(`# ${'x'.repeat(4 * 1024 * 1024)}`)
    expect(!read.ok && read.problems[0]?.message).toBe('the file is larger than 4 MB')
  })

  test.prop([fc.string({ unit: 'binary', maxLength: 200 })])('never throws, whatever it is given', (text) => {
    expect(parseHome(text).ok).toBe(false)
  })

  it('tells where each secret is used', () => {
    const read = parseHome(
      'version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\nservices: { a: { image: "x:1", env: { A: { secret: s }, B: b }, files: { /x: { secret: t } } } }\n',
    )
    const prod = read.ok ? read.home.environments.prod : undefined
    expect(prod && secretsOf(prod)).toEqual([
      { secret: 's', service: 'a', path: ['services', 'a', 'env', 'A'] },
      { secret: 't', service: 'a', path: ['services', 'a', 'files', '/x'] },
    ])
  })

  it('gives `from` files an empty text where nobody reads them', () => {
    const read = parseHome(
      'version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\nservices: { a: { image: "x:1", files: { /x: { from: y } } } }\n',
    )
    expect(read.ok && read.home.environments.prod?.services.a?.files['/x']).toEqual({ text: '' })
  })
})

describe('homeText', () => {
  it.each([
    { name: 'casa', timezone: 'Europe/Lisbon', domain: 'casa.test' },
    { name: 'on', timezone: 'UTC', domain: '1.test' },
  ])('writes a home that passes its own check: %j', (answers) => {
    const read = parseHome(homeText(answers))
    expect(read.ok ? [] : read.problems).toEqual([])
    expect(read.ok && read.home.name).toBe(answers.name)
  })
})

describe('didYouMean', () => {
  it.each([
    ['lmap', ['lamp', 'porch'], { fix: 'did you mean "lamp"?' }],
    ['wholly-other', ['lamp'], { fix: 'known: lamp' }],
    ['x', [], {}],
    ['service1', Array.from({ length: 201 }, () => 'service2'), {}],
    ['wholly-other', Array.from({ length: 40 }, (_, index) => `service${index}`), {}],
  ])('%s', (word, known, expected) => {
    expect(didYouMean(word, known)).toEqual(expected)
  })
})
