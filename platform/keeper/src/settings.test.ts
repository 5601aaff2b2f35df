import { describe, expect, it } from 'vitest'
import { settingsOf } from './settings.ts'

const names = { KEEPER_HOME: 'casa', KEEPER_ENVIRONMENT: 'prod' }

describe('settings', () => {
  it.each([
    [{}, 20],
    [{ KEEPER_EVERY_SECONDS: '' }, 20],
    [{ KEEPER_EVERY_SECONDS: '2' }, 2],
    [{ KEEPER_EVERY_SECONDS: '1.5' }, 1.5],
  ])('%j: looks every %s s', (env, everySeconds) => {
    expect(settingsOf({ ...names, ...env })).toEqual({
      ok: true,
      settings: { estate: { home: 'casa', env: 'prod' }, everySeconds },
    })
  })

  it.each([
    [{ KEEPER_HOME: undefined }, 'KEEPER_HOME is ""'],
    [{ KEEPER_HOME: 'a-b' }, 'KEEPER_HOME is "a-b"'],
    [{ KEEPER_ENVIRONMENT: 'x,y=z' }, 'KEEPER_ENVIRONMENT is "x,y=z"'],
    [{ KEEPER_EVERY_SECONDS: '0' }, 'KEEPER_EVERY_SECONDS is "0"; it must be 1 to 3600'],
    [{ KEEPER_EVERY_SECONDS: 'often' }, 'KEEPER_EVERY_SECONDS is "often"'],
  ])('%j: does not start', (env, message) => {
    expect(settingsOf({ ...names, ...env })).toEqual({
      ok: false,
      exit: 2,
      message: expect.stringContaining(message) as string,
    })
  })
})
