import { describe, expect, it } from 'vitest'
import { realClock } from './clock.ts'
import { commandOf } from './command.ts'

const words = ['192.0.2.1', 'Dog Walk', 'http://192.0.2.9/gong.mp3']
const chime = { kind: 'chime', zone: words[0], title: words[1], uri: words[2], volume: 40, limit: 6 }

describe('the command', () => {
  it.each<[string, string[], object]>([
    ['as the original was called', words, chime],
    ['with a volume', [...words, '--player-volume', '0'], { ...chime, volume: 0 }],
    ['with flags first', ['--player-volume=100', ...words], { ...chime, volume: 100 }],
    ['with a limit', [...words, '--limit-seconds', '0.5'], { ...chime, limit: 0.5 }],
    ['for sounds', ['serve-sounds', '/sounds'], { kind: 'sounds', folder: '/sounds' }],
  ])('is understood %s', (_, args, command) => {
    expect(commandOf(args)).toEqual(command)
  })

  it.each<[string, string[]]>([
    ['nothing', []],
    ['no folder', ['serve-sounds']],
    ['one word too many', [...words, 'x']],
    ['an empty address of the sound', ['192.0.2.1', 'a', '']],
    ['an address that is none', ['http://x', 'a', 'b']],
    ['half a volume', [...words, '--player-volume', '1.5']],
    ['a limit of hours', [...words, '--limit-seconds', '7200']],
    ['a flag that is none', [...words, '--loud']],
  ])('is refused with %s', (_, args) => {
    expect(commandOf(args)).toEqual({
      kind: 'usage',
      message: expect.stringContaining('usage: chime ZONE_ADDRESS TITLE URI') as string,
    })
  })
})

describe('the clock', () => {
  it('sleeps, and is woken', async () => {
    const before = realClock.now()
    await realClock.sleep(20, new AbortController().signal)
    expect(realClock.now() - before).toBeGreaterThanOrEqual(15)
    await realClock.sleep(1_000_000, AbortSignal.timeout(10))
    await realClock.sleep(1_000_000, AbortSignal.abort())
  })
})
