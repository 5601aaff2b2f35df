import { expect, it } from 'vitest'
import { table } from './table.ts'

it('aligns columns by their widest cell, with rows of different length', () => {
  expect(
    table([
      ['a', 'long', 'x'],
      ['bbb', 'c'],
      ['', 'd', 'y'],
    ]),
  ).toBe('a    long  x\nbbb  c\n     d     y')
})

it('prints nothing for no rows', () => {
  expect(table([])).toBe('')
})
