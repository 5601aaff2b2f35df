import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '@homeslice/testing'
import { type PlaylistPage, startPlaylistPage } from './playlist-page.ts'

let page: PlaylistPage
let base = ''
beforeAll(async () => {
  const port = await freePort()
  page = await startPlaylistPage({ name: 'apple', host: '127.0.0.1', port })
  base = `http://127.0.0.1:${port}`
})
afterAll(() => page.stop())
afterEach(async () => {
  await page.setFault('none')
  page.setOn(true)
})

const data = async (): Promise<unknown> => {
  const html = await (await fetch(`${base}/us/playlist/dinner/pl.one?l=en`)).text()
  return JSON.parse(/id="serialized-server-data">(.*)<\/script>/u.exec(html)?.[1] ?? '')
}
const listed = {
  data: {
    sections: [
      { itemKind: 'containerDetailHeaderLockup' },
      {
        itemKind: 'trackLockup',
        items: [
          {
            title: 'Song 1 & <more>',
            subtitleLinks: [{ title: 'Artist of pl.one' }],
            tertiaryLinks: [{ title: '"Album" 1' }],
          },
          { title: 'Song 2 & <more>' },
          { title: 'Song 3 & <more>' },
        ],
      },
    ],
  },
}

describe('a simulated page of a playlist', () => {
  it.each([
    ['array', [listed]],
    ['object', { data: [listed] }],
  ] as const)('lists its tracks in the shape of an %s', async (shape, document) => {
    page.setShape(shape)
    expect(await data()).toMatchObject(document)
  })

  it.each([
    ['elsewhere', () => undefined, '/', 404],
    ['when it knows none', () => page.setOn(false), '/us/playlist/a/b', 404],
    ['when it is stuck', () => page.setFault('stuck'), '/us/playlist/a/b', 404],
    ['when it fails', () => page.setFault('error'), '/us/playlist/a/b', 500],
    ['when it forbids', () => page.setFault('forbidden'), '/us/playlist/a/b', 403],
    ['when it is slow', () => page.setFault('slow'), '/us/playlist/a/b', 200],
    ['with garbage', () => page.setFault('garbage'), '/us/playlist/a/b', 200],
    ['with far too much', () => page.setFault('huge'), '/us/playlist/a/b', 200],
  ])('answers %s', async (_, given, path, status) => {
    await Promise.resolve(given())
    const calls = page.state().calls
    const answer = await fetch(`${base}${path}`)
    expect([answer.status, (await answer.text()).includes('Song 1')]).toEqual([status, page.state().fault === 'slow'])
    expect(page.state().calls).toBe(calls + 1)
  })

  it.each(['vanish', 'refuse', 'silent', 'dribble'] as const)('%s never comes to a good end', async (fault) => {
    await page.setFault(fault)
    const read = async () => (await fetch(`${base}/us/playlist/a/b`, { signal: AbortSignal.timeout(1000) })).text()
    await expect(read()).rejects.toThrow(/fetch failed|terminated|timeout/u)
  })
})
