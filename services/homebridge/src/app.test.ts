import { describe, expect, it } from 'vitest'
import { createLog } from '@homeslice/service-kit'
import { createHomebridge, type Seen } from './app.ts'

const answer = (seen: Seen, method = 'GET') =>
  createHomebridge(() => seen)({
    method,
    target: '/',
    parts: ['', ''],
    arrived: 0,
    log: createLog('homebridge', 'error'),
  })

describe('the page', () => {
  it('has a line for the bridge and one for each accessory', () => {
    const says = 'no response: its service answered 504'
    expect(
      answer({
        state: 'paired',
        names: ['Porch', 'Guest room'],
        outcomes: new Map([['Porch', { name: 'Porch', operation: 'on', result: 'no-response', says }]]),
      }),
    ).toEqual({ status: 200, body: `paired, 2 accessories\nPorch       ${says}\nGuest room  not asked yet\n` })
  })

  it.each([
    [[], 'starting, 0 accessories\n'],
    [['Porch'], 'starting, 1 accessory\nPorch  not asked yet\n'],
  ])('of %j', (names, body) => {
    expect(answer({ state: 'starting', names, outcomes: new Map() }, 'HEAD')).toEqual({ status: 200, body })
  })

  it('changes nothing', () => {
    expect(answer({ state: 'paired', names: [], outcomes: new Map() }, 'POST')).toEqual({ status: 405, headers: {} })
  })
})
