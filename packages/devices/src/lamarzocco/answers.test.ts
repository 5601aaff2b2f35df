import { createPublicKey, verify } from 'node:crypto'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { acceptance, stateOf, tokensOf } from './answers.ts'
import { newInstallationKey, parseInstallationKey } from './key.ts'
import { createPause } from './pause.ts'
import { registrationHeaders, requestProof, signedHeaders } from './proof.ts'

const keyOf = (text: string) => {
  const key = parseInstallationKey(text)
  if (!key.ok) throw new Error(key.reason)
  return key.value
}

describe('the proof', () => {
  // Computed by pylamarzocco 2.4.3.
  it.each([
    [
      'mock-installation-id.7c9e6679-7425-40de-944b-e07fc1f90ae7.1750000000000',
      Buffer.alloc(32),
      'C6CzvglXD9FCdS9g5VicPcqzWgNvWW6TVUD3B/7faHM=',
    ],
    ['a.b.c', Buffer.from(Array.from({ length: 32 }, (_, at) => at)), 'DIb54y0mVz9/wHDSTHRWbxJRMCCrqsuDFH2SfJSrcgM='],
    ['', Buffer.alloc(32, 255), 'r5YTdg9yY1+9tEpaCmPDnxKvMPlQpu5clxvhiOicQFE='],
    [
      'Zürich ☕',
      Buffer.from(Array.from({ length: 32 }, (_, at) => (at * 7) % 256)),
      'tCB9O7ZhEmhjeE4AlMKKiOEjOxm01FI8biEPgOXvOGs=',
    ],
  ])('of %j is as the app makes it, and leaves the secret as it was', (text, secret, proof) => {
    const before = Buffer.from(secret)
    expect(requestProof(text, secret)).toBe(proof)
    expect(secret.equals(before)).toBe(true)
  })

  it('is signed with who asks, when and once', () => {
    const key = keyOf(newInstallationKey('an-id'))
    const headers = signedHeaders(key, 1_750_000_000_000, 'a-nonce')
    const text = 'an-id.a-nonce.1750000000000'
    expect(headers).toMatchObject({
      'X-App-Installation-Id': 'an-id',
      'X-Timestamp': '1750000000000',
      'X-Nonce': 'a-nonce',
    })
    const publicKey = createPublicKey({ key: key.publicKey, format: 'der', type: 'spki' })
    const signature = Buffer.from(headers['X-Request-Signature'] ?? '', 'base64')
    const signed = Buffer.from(`${text}.${requestProof(text, key.secret)}`)
    expect(verify('sha256', signed, publicKey, signature)).toBe(true)
    expect(signedHeaders(key, 1)['X-Nonce']).not.toBe(signedHeaders(key, 1)['X-Nonce'])
    expect(Object.keys(registrationHeaders(key))).toEqual(['X-App-Installation-Id', 'X-Request-Proof'])
  })
})

describe('an installation key', () => {
  const good = JSON.parse(newInstallationKey('an-id')) as Record<string, string>
  it('comes back as it was made', () => {
    const key = keyOf(JSON.stringify(good))
    expect([key.id, key.secret.toString('base64')]).toEqual(['an-id', good.secret])
  })

  const p384 = 'MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDA='
  it.each([
    ['nothing', '', /^it is no JSON/u],
    ['a list', '[]', /^it is no JSON/u],
    ['null', 'null', /^it is no JSON/u],
    ['no id', JSON.stringify({ ...good, installation_id: '' }), /installation_id/u],
    ['a number for a secret', JSON.stringify({ ...good, secret: 7 }), /^it is no JSON/u],
    ['a short secret', JSON.stringify({ ...good, secret: 'AAAA' }), /3 bytes, not 32/u],
    ['no key', JSON.stringify({ ...good, private_key: 'AAAA' }), /no P-256 key/u],
    ['half a key', JSON.stringify({ ...good, private_key: p384 }), /no P-256 key/u],
  ])('is refused with %s', (_, text, reason) => {
    expect(parseInstallationKey(text)).toMatchObject({ ok: false, reason: expect.stringMatching(reason) as string })
  })

  test.prop([fc.jsonValue()])('of any JSON never throws', (value) => {
    expect(parseInstallationKey(JSON.stringify(value)).ok).toBe(false)
  })
})

describe('a dashboard', () => {
  const of = (status: unknown, more: object = {}) => ({
    connected: true,
    widgets: [
      { code: 'CMCoffeeBoiler', output: { status: 'Off' } },
      { code: 'CMMachineStatus', output: { status } },
    ],
    ...more,
  })
  it.each([
    ['PoweredOn', of('PoweredOn'), { on: true }],
    ['Brewing', of('Brewing'), { on: true }],
    ['EcoMode', of('EcoMode'), { on: true }],
    ['StandBy', of('StandBy'), { on: false }],
    ['Off', of('Off'), { on: false, trouble: expect.stringContaining('main switch') as string }],
    ['no connection', of('PoweredOn', { connected: false }), { on: false, trouble: expect.any(String) as string }],
    [
      'no connection and no widgets',
      { connected: false, widgets: [] },
      { on: false, trouble: expect.any(String) as string },
    ],
  ])('that says %s is understood', (_, body, value) => {
    expect(stateOf('MR1', body)).toEqual({ ok: true, value })
  })

  it.each([
    ['a new word', of('Descaling'), /not known here: Descaling$/u],
    ['a long word', of('x'.repeat(999)), /not known here: x{40}$/u],
    ['a number', of(1), /without saying whether/u],
    ['no widgets', { connected: true }, /without saying whether/u],
    ['widgets that are none', { widgets: [null, 7, []] }, /without saying whether/u],
    ['a list', [], /without saying whether/u],
  ])('with %s is refused', (_, body, reason) => {
    expect(stateOf('MR1', body)).toMatchObject({ ok: false, reason: expect.stringMatching(reason) as string })
  })
})

describe('a command', () => {
  it.each([
    ['accepted', [{ id: 'a', status: 'Pending' }], true],
    ['done', [{ id: 'a', status: 'Success' }], true],
    [
      'refused',
      [{ id: 'a', status: 'Error', errorCode: 'E01' }],
      'the machine MR1 did not take the command: Error (E01)',
    ],
    ['late', [{ id: 'a', status: 'Timeout' }], 'the machine MR1 did not take the command: Timeout'],
    ['of nothing', [], "La Marzocco's cloud answered a command without accepting it"],
    ['of null', null, "La Marzocco's cloud answered a command without accepting it"],
  ])('that is %s', (_, body, outcome) => {
    const result = acceptance('MR1', body)
    expect(result.ok ? true : result.reason).toBe(outcome)
  })
})

test.prop([fc.jsonValue()])('answers of any shape never throw', (body) => {
  stateOf('MR1', body)
  stateOf('MR1', { widgets: [{ code: 'CMMachineStatus', output: body }] })
  acceptance('MR1', body)
  acceptance('MR1', [body])
  expect(tokensOf(body).ok).toBe(false)
})

describe('tokens', () => {
  it.each([
    [{ accessToken: 'a', refreshToken: 'b' }, true],
    [{ accessToken: 'a' }, false],
    [{ accessToken: 'a\r\nX-Evil: 1', refreshToken: 'b' }, false],
    [{ accessToken: '', refreshToken: 'b' }, false],
  ])('of %j', (body, ok) => {
    expect(tokensOf(body).ok).toBe(ok)
  })
})

describe('a pause', () => {
  it('grows up to a minute, and is over when something works', () => {
    let now = 0
    const pause = createPause(() => now)
    const lengths = [1, 2, 3, 4, 5, 6].map(() => {
      const from = now
      pause.begin('no')
      while (pause.reason() !== undefined) now += 1000
      return (now - from) / 1000
    })
    expect(lengths).toEqual([5, 10, 20, 40, 60, 60])
    pause.over()
    expect(pause.begin('no', 7)).toEqual({ ok: false, kind: 'refused', reason: 'no; it is asked again in 7 s' })
    now += 6500
    expect(pause.reason()).toMatchObject({ reason: 'no; it is asked again in 1 s' })
    expect(pause.begin('no', 99_999)).toMatchObject({ reason: 'no; it is asked again in 60 s' })
  })
})
