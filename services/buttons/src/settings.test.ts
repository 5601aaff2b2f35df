import { describe, expect, it } from 'vitest'
import { settingsOf } from './settings.ts'

const CLOCKTIME_URL = 'http://clocktime'

describe('settings of buttons', () => {
  it.each([
    ['a clock alone', { CLOCKTIME_URL }, { size: 128, stateFile: undefined }],
    ['a size', { CLOCKTIME_URL, BUTTONS_SIZE: '5' }, { size: 5, stateFile: undefined }],
    ['a file', { CLOCKTIME_URL, BUTTONS_STATE_FILE: '/data/b.json' }, { size: 128, stateFile: '/data/b.json' }],
    ['an empty file', { CLOCKTIME_URL, BUTTONS_STATE_FILE: '' }, { size: 128, stateFile: undefined }],
  ])('are %s', (_, env, settings) => {
    expect(settingsOf(env)).toEqual({ ok: true, clocktimeUrl: CLOCKTIME_URL, ...settings })
  })

  it.each([
    ['no clock', {}, /CLOCKTIME_URL is not set/u],
    ['an empty clock', { CLOCKTIME_URL: '' }, /CLOCKTIME_URL is not set/u],
    ['a clock that is a word', { CLOCKTIME_URL: 'clock' }, /"clock", which is no URL; write it like/u],
    ['a clock without a scheme', { CLOCKTIME_URL: 'clock:80' }, /"clock:80", which is no URL/u],
    ['a size of none', { CLOCKTIME_URL, BUTTONS_SIZE: '0' }, /"0"; it must be a whole number from 1 to 100000/u],
    ['an empty size', { CLOCKTIME_URL, BUTTONS_SIZE: '' }, /BUTTONS_SIZE is ""/u],
    ['half a button', { CLOCKTIME_URL, BUTTONS_SIZE: '1.5' }, /BUTTONS_SIZE/u],
    ['a size beyond memory', { CLOCKTIME_URL, BUTTONS_SIZE: '1e9' }, /BUTTONS_SIZE/u],
    ['a word', { CLOCKTIME_URL, BUTTONS_SIZE: 'many' }, /BUTTONS_SIZE is "many"/u],
  ])('refuse %s', (_, env, message) => {
    expect(settingsOf(env)).toEqual({ ok: false, exit: 2, message: expect.stringMatching(message) })
  })
})
