import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Step } from '@homeslice/plan'
import { identityOf, type KubeObject } from '@homeslice/render'
import { book, gone, kept, keptVersions, startSecondsIn } from './keep.ts'
import { pack, unpack } from './pack.ts'
import { holdsOf, imagesOf, recordOf, type Release, releaseFrom, type Verdict, verdictNote } from './release.ts'
import { chooseTarget } from './rollback.ts'
import { runningOf } from './running.ts'
import { changedWords } from './words.ts'

const estate = { home: 'casa', env: 'prod' }
const object = (kind: string, name: string, more: object = {}): KubeObject => ({
  apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
  kind,
  metadata: { name, namespace: 'casa-prod-notes' },
  ...more,
})
const release = (number: number, verdict: Verdict = 'ready', more: Partial<Release> = {}): Release => ({
  service: 'notes',
  number,
  version: `hash-${number}`,
  verdict,
  holds: [`ConfigMap//casa-prod-notes/notes-${number}`],
  time: '2026-01-02T03:04:05.678Z',
  who: 'ana@desk',
  images: ['a:1'],
  changed: 'all of it is new',
  whole: true,
  wentBack: false,
  record: object('Secret', `casa-prod-notes-r${number}`),
  ...more,
})
const upTo = (count: number, verdict?: Verdict): Release[] =>
  Array.from({ length: count }, (_, index) => release(index + 1, verdict))
const wanted = (version: string, holds: readonly string[] = [], service = 'notes') => ({ service, version, holds })

describe('how long a service took to start', () => {
  it('is what was measured last, version by version', () => {
    const seconds = (number: number, startSeconds: number) => release(number, 'ready', { startSeconds })
    const other = release(1, 'ready', { service: 'door', startSeconds: 1 })
    expect(startSecondsIn([release(3), seconds(2, 7), other, seconds(1, 40)])).toEqual(
      new Map([
        ['door', 1],
        ['notes', 7],
      ]),
    )
  })

  it('stands in the record, where it was measured', () => {
    const record = recordOf(estate, release(1), {})
    const noted = (startSeconds?: number): KubeObject => ({
      ...record,
      metadata: {
        ...record.metadata,
        annotations: verdictNote({ verdict: 'ready', wentBack: false, ...(startSeconds ? { startSeconds } : {}) }),
      },
    })
    expect([releaseFrom(noted(12)).startSeconds, releaseFrom(noted()).startSeconds]).toEqual([12, undefined])
  })
})

describe('a record', () => {
  it('says all that it was told, also under a name that another service could have', () => {
    const told = release(12, 'pending', { service: 'notes-r1', rolledBackTo: 3, whole: false })
    const record = recordOf(estate, told, {})
    expect(record.metadata.name).toBe('casa-prod-notes-r1-r12')
    expect(releaseFrom(record)).toEqual({ ...told, record })
    const { metadata } = record
    const settled = {
      ...record,
      metadata: {
        ...metadata,
        annotations: { ...metadata.annotations, ...verdictNote({ verdict: 'ready', wentBack: true }) },
      },
    }
    expect(releaseFrom(settled)).toMatchObject({ number: 12, verdict: 'ready', wentBack: true })
  })

  it('of a hand without annotations is a pending version of which nothing is known', () => {
    expect(releaseFrom(object('Secret', 'casa-prod-notes'))).toMatchObject({
      number: 0,
      verdict: 'pending',
      version: '',
      holds: [],
      images: [],
    })
  })

  it('holds its objects', () => {
    const objects = [object('Deployment', 'notes', { spec: { image: 'a:1', text: 'é'.repeat(5000) } })]
    const data = pack(objects)
    expect(data && unpack(object('Secret', 'x', { data }))).toEqual(objects)
    expect(JSON.stringify(data).length).toBeLessThan(1000)
  })

  it('holds none that are too large for it', () => {
    const text = randomBytes(900 * 1024).toString('base64')
    expect(pack([object('ConfigMap', 'x', { data: { text } })])).toBeDefined()
    expect(pack([object('ConfigMap', 'x', { data: { text: text + text } })])).toBeUndefined()
  })

  it.each([[undefined], [{}], [{ 'objects.json.gz': 'bm90IGd6aXA=' }]])('with %j holds nothing', (data) => {
    expect(unpack(object('Secret', 'x', { data }))).toBeUndefined()
  })

  it('names what pods read, and what they run', () => {
    const objects = [
      object('ConfigMap', 'notes-1'),
      object('Secret', 'token-v3'),
      object('Deployment', 'notes', { spec: { a: [{ image: 'a:1' }, { image: 'b:1' }, { image: 'a:1' }] } }),
    ]
    expect([holdsOf(objects), imagesOf(objects)]).toEqual([
      ['ConfigMap//casa-prod-notes/notes-1', 'Secret//casa-prod-notes/token-v3'],
      ['a:1', 'b:1'],
    ])
  })
})

describe('what is kept', () => {
  it.each([
    ['few', upTo(3), [3, 2, 1]],
    ['twenty', upTo(25), Array.from({ length: 20 }, (_, index) => 25 - index)],
    [
      'the last good one under twenty that failed',
      [...upTo(3), ...upTo(28, 'failed: x').slice(3)],
      [...Array.from({ length: 19 }, (_, index) => 28 - index), 3],
    ],
  ])('is %s', (_, all, numbers) => {
    expect(kept(all).map(({ number }) => number)).toEqual(numbers)
  })

  it('is never more than twenty, always the newest and a ready one if there is any', () => {
    const histories = fc.array(fc.constantFrom<Verdict>('ready', 'pending', 'failed: x'), {
      minLength: 1,
      maxLength: 60,
    })
    fc.assert(
      fc.property(histories, (verdicts) => {
        const all = verdicts.map((verdict, index) => release(index + 1, verdict))
        const stays = kept(all)
        expect(stays).toHaveLength(Math.min(keptVersions, all.length))
        expect(stays[0]?.number).toBe(all.length)
        expect(stays.some(({ verdict }) => verdict === 'ready')).toBe(verdicts.includes('ready'))
      }),
    )
  })
})

describe('booking', () => {
  it('begins at 1', () => {
    const booked = book([], [wanted('hash-1', ['a'])])
    expect(booked).toMatchObject({ drafts: [{ number: 1, verdict: 'pending' }], current: [], dropped: [] })
    expect([...booked.holds]).toEqual(['a'])
  })

  it('writes nothing for a service that is as its newest version', () => {
    expect(book(upTo(3), [wanted('hash-3')])).toMatchObject({ drafts: [], current: [{ number: 3 }], dropped: [] })
  })

  it('counts an older version that comes again as a new one', () => {
    expect(book(upTo(3), [wanted('hash-1')]).drafts).toMatchObject([{ number: 4 }])
  })

  it('always writes one for a rollback', () => {
    const drafts = [{ number: 4, rolledBackTo: 3 }]
    expect(book(upTo(3), [{ ...wanted('hash-3'), rolledBackTo: 3 }]).drafts).toMatchObject(drafts)
  })

  it('drops what is beyond twenty with the new one counted, and keeps what the others name', () => {
    const booked = book(upTo(20), [wanted('new', ['n'])])
    expect(booked.dropped.map(({ number }) => number)).toEqual([1])
    expect([booked.holds.size, booked.holds.has('ConfigMap//casa-prod-notes/notes-1')]).toEqual([20, false])
  })

  it.each([
    ['the newest, if it is wanted still', 'hash-3', []],
    ['the newest, if it is not', 'hash-4', [3]],
  ])('settles a version that a dead run left: %s', (_, version, overtaken) => {
    const history = [...upTo(2), release(3, 'pending')]
    expect(book(history, [wanted(version)]).overtaken.map(({ number }) => number)).toEqual(overtaken)
  })

  it('settles an older one that was left too', () => {
    const history = [release(1), release(2, 'pending'), release(3)]
    expect(book(history, [wanted('hash-3')]).overtaken.map(({ number }) => number)).toEqual([2])
  })

  it('keeps services apart', () => {
    const history = [...upTo(2), release(7, 'ready', { service: 'other', version: 'o' })]
    const both = [wanted('new'), wanted('newer', [], 'other')]
    expect(book(history, both).drafts.map(({ service, number }) => [service, number])).toEqual([
      ['notes', 3],
      ['other', 8],
    ])
    expect(gone(history, [wanted('new')]).map(({ service }) => service)).toEqual(['other'])
  })
})

describe('going back', () => {
  const words = (history: readonly Release[], to?: number, service = 'notes') => {
    const chosen = chooseTarget(history, service, to)
    return chosen.ok ? [chosen.from.number, chosen.target.number] : chosen.message
  }
  it.each([
    ['the one before', upTo(3), undefined, [3, 2]],
    ['the one before, over one that failed', [release(1), release(2, 'failed: x'), release(3)], undefined, [3, 1]],
    ['from one that failed', [release(1), release(2), release(3, 'failed: x')], undefined, [3, 2]],
    ['not to one that is under way', [release(1), release(2, 'pending'), release(3)], undefined, [3, 1]],
    [
      'not to the same in another number',
      [release(1), release(2), release(3, 'ready', { version: 'hash-2' })],
      undefined,
      [3, 1],
    ],
    [
      'not to one that was not kept whole',
      [release(1), release(2, 'ready', { whole: false }), release(3)],
      undefined,
      [3, 1],
    ],
    ['by number', upTo(5), 2, [5, 2]],
    ['by number, also to one that failed', [release(1, 'failed: x'), release(2)], 1, [2, 1]],
    ['nowhere', [release(1)], undefined, 'notes has no other version that was ready before version 1'],
    ['too far', upTo(3), 9, 'version 9 of notes is not kept'],
    [
      'to one that is too large',
      [release(1, 'ready', { whole: false }), release(2)],
      1,
      'version 1 of notes was too large to be kept',
    ],
  ])('%s', (_, history, to, expected) => {
    expect(words(history, to)).toEqual(expected)
  })

  it('tells which services have versions', () => {
    expect(chooseTarget(upTo(2), 'nots')).toMatchObject({
      message: 'there is no version of a service "nots"',
      fix: 'there are versions of: notes',
    })
    expect(chooseTarget([], 'notes')).toMatchObject({ fix: 'bring it up first: homeslice up' })
  })
})

describe('the version that a service has now', () => {
  it.each([
    ['the newest', upTo(3), 3],
    ['the newest, though it failed: it is what was asked for', [release(1), release(2, 'failed: x')], 2],
    ['the one that came back', [release(1), release(2, 'failed: x', { wentBack: true })], 1],
    ['none', [], undefined],
  ])('%s', (_, history, number) => {
    expect(runningOf(history, 'notes')?.number).toBe(number)
  })
})

describe('what a version changed', () => {
  const step = (action: Step['action'], kind: string, name: string, what = 'new'): Step => ({
    action,
    object: { apiVersion: 'v1', kind, name },
    grades: ['routine'],
    reason: what,
    what,
    dangers: [],
  })
  it.each([
    ['everything', [step('create', 'Service', 'a'), step('create', 'ConfigMap', 'a')], undefined, 'all of it is new'],
    ['an image', [step('update', 'Deployment', 'a', 'image a:1 → a:2')], undefined, 'Deployment: image a:1 → a:2'],
    [
      'something new beside something changed',
      [step('create', 'HTTPRoute', 'a'), step('update', 'Deployment', 'a', 'changes x')],
      undefined,
      'HTTPRoute a new; Deployment: changes x',
    ],
    [
      'what is named by its content, only by what names it',
      [step('create', 'ConfigMap', 'a-2'), step('update', 'Deployment', 'a', 'changes x')],
      undefined,
      'Deployment: changes x',
    ],
    [
      'many',
      ['a', 'b', 'c', 'd', 'e'].map((name) => step('delete', 'HTTPRoute', name)),
      undefined,
      'HTTPRoute a gone; HTTPRoute b gone; HTTPRoute c gone; 2 more',
    ],
    ['a way back', [step('replace', 'Deployment', 'a')], 3, 'back to version 3: Deployment a made anew'],
    ['a way back to the same', [], 3, 'back to version 3'],
    ['nothing', [], undefined, ''],
    [
      'a long story',
      [step('update', 'Deployment', 'a', 'x'.repeat(999))],
      undefined,
      `Deployment: ${'x'.repeat(287)}…`,
    ],
  ])('%s', (_, steps, back, expected) => {
    expect(changedWords(steps, back)).toBe(expected)
  })
})

it('identities in a record are those of the plan', () => {
  const config = object('ConfigMap', 'notes-1')
  expect(holdsOf([config])).toEqual([identityOf(config)])
})
