import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '@homeslice/testing'
import { createMemory } from './memory.ts'

describe('memory', () => {
  it('forgets the one unused for longest, and looking is use', () => {
    const memory = createMemory({ size: 2 })
    memory.press('a', 'on')
    memory.press('b', 'on')
    memory.look('a')
    memory.press('c', 'off')
    expect(['a', 'b', 'c'].map(memory.look)).toEqual(['on', undefined, 'off'])
  })

  it('keeps 128 and not 129', () => {
    const memory = createMemory({ size: 128 })
    for (let id = 0; id < 129; id += 1) memory.press(String(id), 'on')
    expect([memory.look('0'), memory.look('1'), memory.look('128')]).toEqual([undefined, 'on', 'on'])
  })

  it('comes back from its file, in its order', async () => {
    const file = join(await temporaryFolder(), 'state.json')
    const memory = createMemory({ size: 2, file })
    memory.press('a', 'on')
    memory.press('b', 'off')
    const next = createMemory({ size: 2, file })
    next.press('c', 'on')
    expect(['a', 'b', 'c'].map(next.look)).toEqual([undefined, 'off', 'on'])
    expect(existsSync(`${file}.new`)).toBe(false)
  })

  it('comes back into less room with the latest', async () => {
    const file = join(await temporaryFolder(), 'state.json')
    const memory = createMemory({ size: 3, file })
    for (const id of ['a', 'b', 'c']) memory.press(id, 'on')
    const next = createMemory({ size: 1, file })
    expect(['a', 'b', 'c'].map(next.look)).toEqual([undefined, undefined, 'on'])
  })

  it.each([
    ['half-written', '[["a",{"val', /cannot be read; buttons start unpressed/u],
    ['of another kind', '{"a":1}', /holds no list of buttons/u],
    ['odd', '[1,["x",{"value":"dim"}],["y",null],["z",7],["ok",{"value":"on"}]]', /^$/u],
  ])('starts with a file that is %s, and says so', async (_, text, says) => {
    const file = join(await temporaryFolder(), 'damaged.json')
    writeFileSync(file, text)
    const said: string[] = []
    const memory = createMemory({ size: 2, file, onTrouble: (sentence) => said.push(sentence) })
    memory.press('b', 'on')
    expect([memory.look('b'), said.join('')]).toEqual(['on', expect.stringMatching(says)])
    expect(JSON.parse(readFileSync(file, 'utf8'))).toContainEqual(['b', { value: 'on' }])
  })

  it('remembers until its end where the file cannot be written, and says so', async () => {
    const file = join(await temporaryFolder(), 'folder')
    mkdirSync(join(file, 'inside'), { recursive: true })
    const said: string[] = []
    const memory = createMemory({ size: 2, file, onTrouble: (sentence) => said.push(sentence) })
    memory.press('a', 'on')
    expect(memory.look('a')).toBe('on')
    expect(said).toEqual([
      expect.stringContaining('cannot be read'),
      expect.stringContaining('cannot be kept in') as string,
    ])
  })

  it('needs nobody who listens to its troubles', async () => {
    const file = join(await temporaryFolder(), 'folder')
    mkdirSync(file)
    const memory = createMemory({ size: 2, file })
    memory.press('a', 'on')
    expect(memory.look('a')).toBe('on')
  })

  const presses = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', '__proto__'), fc.constantFrom('on', 'off')))
  test.prop([presses])('tells the last press of each of the latest three', (pressed) => {
    const memory = createMemory({ size: 3 })
    for (const [id, state] of pressed) memory.press(id, state)
    const latest = new Map(pressed.map(([id]) => [id, pressed.findLastIndex(([other]) => other === id)]))
    const kept = [...latest].toSorted(([, one], [, other]) => other - one).slice(0, 3)
    for (const [id, index] of kept) expect(memory.look(id)).toBe(pressed[index]?.[1])
    expect([...latest.keys()].filter((id) => memory.look(id) !== undefined)).toHaveLength(kept.length)
  })
})
