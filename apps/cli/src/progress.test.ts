import { describe, expect, it } from 'vitest'
import { createProgress } from './progress.ts'

const recorder = (isTTY: boolean, columns = 80) => {
  const written: string[] = []
  return { stream: { write: (text: string) => void written.push(text), isTTY, columns }, written }
}

describe('progress in a pipe', () => {
  it('prints a plain line when a task starts and when it ends, with its seconds', () => {
    const { stream, written } = recorder(false)
    let clock = 0
    const { report, stop } = createProgress(stream, () => clock)
    report({ task: 'images', state: 'start' })
    clock = 1250
    report({ task: 'images', state: 'done', detail: '4 built' })
    stop()
    expect(written.join('')).toBe('· images\n✓ images 4 built 1.3 s\n')
  })

  it('prints news only after ten quiet seconds, and never twice the same', () => {
    const { stream, written } = recorder(false)
    let clock = 0
    const { report } = createProgress(stream, () => clock)
    report({ task: 'switches', state: 'start' })
    for (clock = 1000; clock <= 25_000; clock += 1000) {
      report({ task: 'switches', state: 'progress', detail: `waited ${Math.floor(clock / 5000)}` })
    }
    expect(written).toEqual(['· switches\n', '· switches waited 2\n', '· switches waited 4\n'])
  })

  it('cannot be made to move the cursor by what a container printed', () => {
    const { stream, written } = recorder(false)
    createProgress(stream).report({ task: 'x', state: 'failed', detail: 'bad\u001b[2J\nworse' })
    expect(written.join('')).toBe('✗ x bad [2J worse\n')
  })
})

describe('progress on a terminal', () => {
  it('redraws running tasks in place and leaves finished ones above', () => {
    const { stream, written } = recorder(true, 30)
    const { report, stop } = createProgress(stream, () => 0)
    report({ task: 'one', state: 'start' })
    report({ task: 'two', state: 'start', detail: 'a reason that is far too long for the line' })
    report({ task: 'one', state: 'done' })
    stop()
    const all = written.join('')
    expect(all).toContain('\u001b[2A\u001b[0J')
    const lines = all.split('\n').filter((line) => line.includes('too'))
    expect(Math.max(...lines.map((line) => line.replace('\u001b[2A\u001b[0J', '').length))).toBeLessThan(30)
    expect(all.endsWith('\u001b[1A\u001b[0J')).toBe(true)
  })
})
