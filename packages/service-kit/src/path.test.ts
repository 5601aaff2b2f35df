import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { pathParts } from './path.ts'

describe('the parts of a path', () => {
  it.each([
    ['/', ['', '']],
    ['', ['']],
    ['/a/b', ['', 'a', 'b']],
    ['/a/b/', ['', 'a', 'b', '']],
    ['/a//b', ['', 'a', '', 'b']],
    ['//a', ['', '', 'a']],
    ['/a/../b/./c', ['', 'a', '..', 'b', '.', 'c']],
    ['/a%2Fb', ['', 'a', 'b']],
    ['/a%2fb%20c', ['', 'a', 'b c']],
    ['/a+b', ['', 'a+b']],
    ['/%252F', ['', '%2F']],
    ['/caf%C3%A9', ['', 'café']],
    ['/%ff', ['', '\uFFFD']],
    ['/a?b=/c/', ['', 'a']],
    ['/a?b?c', ['', 'a']],
    ['/a?%zz', ['', 'a']],
    ['/a%3Fb', ['', 'a?b']],
    ['/a#b/c', ['', 'a#b', 'c']],
    ['http://house/a/b', ['', 'a', 'b']],
    ['HTTP://house:80', ['']],
    ['*', ['*']],
  ])('%s', (target, parts) => {
    expect(pathParts(target)).toEqual(parts)
  })

  it.each(['/%', '/%2', '/%g0', '/a%zzb', '/%%20'])('are none in %s', (target) => {
    expect(pathParts(target)).toBeUndefined()
  })

  test.prop([fc.array(fc.string({ unit: 'grapheme' }))])('come back when each was encoded by itself', (words) => {
    const parts = ['', ...words.map((word) => word.replaceAll('/', ''))]
    expect(pathParts(parts.map(encodeURIComponent).join('/'))).toEqual(parts)
  })

  test.prop([fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 })])(
    'are as many when slashes are escaped',
    (words) => {
      expect(pathParts(`/${encodeURIComponent(words.join('/'))}`)).toEqual(['', ...words.join('/').split('/')])
    },
  )

  test.prop([fc.string({ unit: 'binary' })])('never come with a throw', (target) => {
    const parts = pathParts(target)
    expect(parts === undefined || parts.length > 0).toBe(true)
  })
})
