import { test, fc } from '@fast-check/vitest'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { looksLikeMore, signs } from './traps.testing.ts'
import { toYaml } from './yaml.ts'

const traps = [...looksLikeMore, ...signs]

const configMap = (data: Record<string, string>) =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data }) as const

describe('YAML', () => {
  it.each(['', ...looksLikeMore])('quotes %j, which an older reader may take for something else', (value) => {
    expect(toYaml([configMap({ key: value })])).toMatch(/key: ['"]/u)
  })

  it.each(traps)('brings %j back as it was', (value) => {
    expect(load(toYaml([configMap({ key: value, [value]: 'key' })]))).toEqual(configMap({ key: value, [value]: 'key' }))
  })

  test.prop([
    fc.dictionary(
      fc.string({ unit: 'grapheme' }),
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(...traps)),
    ),
  ])('brings any text back, read as YAML 1.2 or 1.1', (data) => {
    const text = toYaml([configMap(data)])
    expect(load(text)).toEqual(configMap(data))
    expect(load(text, { schema: YAML11_SCHEMA })).toEqual(configMap(data))
  })

  it('has one document each, in order, with sorted keys', () => {
    const text = toYaml([
      { kind: 'Service', apiVersion: 'v1', metadata: { namespace: 'a', name: 'b' } },
      { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'z' } },
      { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } },
    ])
    expect(text).toBe(
      [
        '---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n',
        '---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: z\n',
        '---\napiVersion: v1\nkind: Service\nmetadata:\n  name: b\n  namespace: a\n',
      ].join(''),
    )
  })
})
