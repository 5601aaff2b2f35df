import { describe, expect, it } from 'vitest'
import { isOn } from './reading.ts'

const words = { on: 'ON', off: 'OFF' }

describe('on or off', () => {
  it.each([
    ['1', {}, true],
    ['0', {}, false],
    ['ON\n', {}, false],
    ['OFF\n', {}, false],
    ['ON:1620\n', {}, true],
    ['OFF:1620\n', {}, true],
    ['', {}, false],
    ['-1', {}, true],
    ['1', { on: 'ON' }, true],
    ['0', { on: 'ON', off: '' }, false],
    ['1', words, false],
    ['0', words, false],
    ['ON\n', words, true],
    ['OFF\n', words, false],
    ['ON:1620\n', words, true],
    ['OFF:1620\n', words, false],
    ['1 ON', words, true],
    ['0 OFF', words, false],
    ['1 ON', {}, true],
    ['', words, false],
    ['ON OFF', words, false],
    ['JSON', words, true],
    ['{"on": true}', { on: '{"on":true}', off: '{"on":false}' }, true],
    ['{"on": false}', { on: '{"on":true}', off: '{"on":false}' }, false],
    ['{"on": 7}', { on: '{"on":true}', off: '{"on":false}' }, false],
    ['{ON', words, false],
    ['{ON', { on: '{ON', off: '{OFF' }, true],
  ])('%j read with %j is %s', (body, reading, expected) => {
    expect(isOn(body, reading)).toBe(expected)
  })
})
