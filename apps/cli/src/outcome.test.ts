import { expect, it } from 'vitest'
import { wordsOf } from './outcome.ts'

it.each([
  [{ message: 'no cluster' }, 'no cluster'],
  [{ message: 'no cluster', fix: 'start it' }, 'no cluster\n  start it'],
  [
    { message: 'unknown key', file: 'home.yaml', line: 3, column: 5, fix: 'remove it' },
    'home.yaml:3:5: unknown key\n  remove it',
  ],
  [{ message: 'cannot be read', file: 'home.yaml' }, 'home.yaml: cannot be read'],
])('says what happened, where, and what to do: %j', (failure, words) => {
  expect(wordsOf(failure)).toBe(words)
})
