import { test, fc } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  contentName,
  labelsOf,
  namespaceOf,
  pathName,
  secretIn,
  secretNameOf,
  selectorOf,
  setOf,
  simulatedBy,
  simulatorOf,
  versionLabelOf,
} from './names.ts'

const owner = { home: 'casa', env: 'prod', service: 'switches' }

describe('what is frozen', () => {
  it('selects pods by name alone: a changed selector would mean an outage', () => {
    expect(selectorOf('switches')).toEqual({ 'app.kubernetes.io/name': 'switches' })
  })

  it('labels every object with who made it, for whom', () => {
    expect(labelsOf(owner, 'default-deny')).toEqual({
      'app.kubernetes.io/component': 'service',
      'app.kubernetes.io/instance': 'default-deny',
      'app.kubernetes.io/managed-by': 'homeslice',
      'app.kubernetes.io/name': 'switches',
      'app.kubernetes.io/part-of': 'casa',
      'homeslice.dev/env': 'prod',
      'homeslice.dev/home': 'casa',
      'homeslice.dev/service': 'switches',
      owner: 'casa',
    })
  })

  it('names namespaces and sets', () => {
    expect(namespaceOf(owner)).toBe('casa-prod-switches')
    expect(setOf(owner)).toBe('casa-prod-switches')
  })
})

describe('names', () => {
  it('are read as they are written', () => {
    for (const secret of ['db', 'db-v2', 'db-v2-9f02ac'])
      for (const version of [1, 12, '12-9f02ac', '3-000000'] as const)
        expect(secretIn(secretNameOf(secret, version))).toBe(secret)
    expect(simulatedBy(simulatorOf('lamp'))).toBe('lamp')
    expect(simulatedBy('lamp')).toBeUndefined()
  })

  test.prop([fc.string(), fc.string()])('tell paths apart', (a, b) => {
    fc.pre(a !== b)
    expect(pathName(`/${a}`)).not.toBe(pathName(`/${b}`))
  })

  test.prop([fc.string({ unit: 'grapheme', minLength: 1 })])('fit a volume, whatever the path', (path) => {
    expect(`scratch-${pathName(`/${path}`)}`).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/u)
  })

  it.each([
    ['/var/lib/x', 'var-lib-x'],
    ['/data', 'data'],
  ])('of %s: %s', (path, name) => {
    expect(pathName(path)).toBe(name)
  })

  it('keep within the limit and change with the content', () => {
    const name = 'a'.repeat(63)
    expect(contentName(name, '1')).toHaveLength(63)
    expect(contentName(name, '1')).not.toBe(contentName(name, '2'))
  })
})

describe('the version of an image as a label', () => {
  it.each([
    ['homeslice.local/switches:2026a', 'v2026a'],
    ['homeslice.local/switches:abc', 'abc'],
    ['registry.test:5000/x:1.0', 'v1.0'],
    ['registry.test:5000/x:_1.0-', 'v_1.0'],
    [`registry.test/x:1@sha256:0123456789abcdef${'0'.repeat(48)}`, 'sha256-0123456789ab'],
    [`x:${'1'.repeat(100)}`, `v${'1'.repeat(62)}`],
  ])('of %s: %s', (image, version) => {
    expect(versionLabelOf(image)).toEqual({ 'app.kubernetes.io/version': version })
  })

  it.each(['registry.test:5000/x', 'clocktime'])('is none for %s, which names none', (image) => {
    expect(versionLabelOf(image)).toEqual({})
  })
})
