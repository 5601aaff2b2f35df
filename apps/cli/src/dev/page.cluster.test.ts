import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { houseText, startBrowser } from '@homeslice/testing'
import { isAllReady, ownCheckout, send, type Session, startSession } from './session.testing.ts'

/** A busy machine may take its time: in milliseconds. */
const patience = 60_000
type Browser = Awaited<ReturnType<typeof startBrowser>>
type Page = Awaited<ReturnType<Browser['newPage']>>
type Part = ReturnType<Page['getByRole']>

let session: Session
let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
  const backup = '  backup-unifi: { use: backup-unifi, simulate: true }\n'
  const image = '  web: { image: "example.test/web:1", port: 80, routes: [] }\n'
  session = await startSession(houseText(backup + image), { checkout: ownCheckout() })
  await session.until('all of it', isAllReady)
})
afterAll(async () => {
  await browser?.close()
  await session?.end()
  rmSync(session?.checkout ?? '', { recursive: true, force: true })
})

describe('the page in a browser', () => {
  let page: Page
  let complaints: string[]
  let loads: number
  beforeEach(async () => {
    page = await browser.newPage()
    page.setDefaultTimeout(patience)
    complaints = []
    loads = 0
    page.on('console', (message) => void (message.type() === 'log' || complaints.push(message.text())))
    page.on('pageerror', (error) => void complaints.push(String(error)))
    page.on('load', () => void (loads += 1))
    await page.goto(`http://127.0.0.1:${session.page}/`)
  })
  // What a person sees came without a reload, and the browser had nothing to complain of.
  afterEach(async () => {
    await page.close()
    expect([loads, complaints]).toEqual([1, []])
  })

  const card = (name: string): Part => page.getByRole('article', { name, exact: true })
  const shows = (part: Part, text: string): Promise<void> => part.getByText(text, { exact: true }).waitFor()
  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
  const said = (): Part => page.getByRole('status', { name: 'What came of it' })
  const atDoor = async (method: string, path: string) => {
    const { status, body } = await send(session.door, { method, path: `/api/v0/switches/${path}` })
    return [status, body]
  }

  it('shows every service with its links, every device with its state, each job, and what is not run', async () => {
    await page.getByRole('heading', { name: 'casa (prod)' }).waitFor()
    for (const name of ['clocktime', 'buttons', 'switches']) await shows(card(name), 'ready')
    for (const name of ['porch', 'lamp']) {
      await shows(card(name), 'ready')
      await shows(card(name), 'off')
    }
    await shows(card('backup-unifi'), 'idle')
    await page.getByText('web: its image is example.test/web:1').waitFor()
    const opened = page.waitForEvent('popup')
    await card('clocktime')
      .getByRole('link', { name: `http://127.0.0.1:${session.door}/api/v0/clocktime/` })
      .click()
    const clock = await opened
    await clock.getByText('1620').waitFor()
    await clock.close()
    const metrics = await card('switches').getByRole('link', { name: '/metrics' }).getAttribute('href')
    expect(await (await fetch(metrics ?? '')).text()).toContain('# HELP')
  })

  it('turns a device on and off by a press, and its service tells it', async () => {
    await press('turn on porch')
    await shows(card('porch'), 'on')
    expect(await atDoor('GET', 'porch/status/')).toEqual([200, '1'])
    await press('turn off porch')
    await shows(card('porch'), 'off')
    expect(await atDoor('GET', 'porch/status/')).toEqual([200, '0'])
  })

  it('goes by keys alone: the focus stays on what was pressed while the page changes', async () => {
    await page.getByRole('button', { name: 'turn on lamp' }).focus()
    await page.keyboard.press('Enter')
    await shows(card('lamp'), 'on')
    await page.keyboard.press('Space')
    await shows(card('lamp'), 'off')
    expect(await atDoor('GET', 'lamp/status/')).toEqual([200, '0'])
  })

  it('shows by itself what others changed, while a list has the focus and a word is half written', async () => {
    const blank = card('buttons').getByRole('textbox', { name: 'id' }).first()
    await blank.fill('gue')
    await card('lamp').getByText('wemo at 127.').click()
    await page.getByRole('combobox', { name: 'fault of porch' }).focus()
    await atDoor('POST', 'lamp/on/')
    await shows(card('lamp'), 'on')
    await atDoor('POST', 'lamp/off/')
    await shows(card('lamp'), 'off')
    await card('lamp').getByText('port=49153').waitFor()
    expect(await blank.inputValue()).toBe('gue')
  })

  it('makes a device fail, shows it, and its service cannot reach it', async () => {
    const fault = page.getByRole('combobox', { name: 'fault of porch' })
    await fault.selectOption('refuse')
    await shows(card('porch'), 'fails: refuse')
    await press('GET /api/v0/switches/porch/status/')
    await said().getByText('→ 502').waitFor()
    // With the sentence that the service gives to whoever runs the house.
    expect(await said().textContent()).toMatch(/^GET \/api\/v0\/switches\/porch\/status\/ → 502\n.*porch/u)
    await fault.selectOption('none')
    await card('porch').getByText('fails').waitFor({ state: 'hidden' })
    await press('GET /api/v0/switches/porch/status/')
    await said().getByText('GET /api/v0/switches/porch/status/ → 200\n0').waitFor()
  })

  it('sends a request of a contract with the words that it asks for, and shows the answer', async () => {
    const answerTo = async (request: string, id: string): Promise<string> => {
      const button = page.getByRole('button', { name: request, exact: true })
      await card('buttons').locator('form').filter({ has: button }).getByRole('textbox', { name: 'id' }).fill(id)
      await page.keyboard.press('Enter')
      await said()
        .getByText(`/${encodeURIComponent(id)}/`)
        .waitFor()
      return (await said().textContent()) ?? ''
    }
    expect(await answerTo('POST /api/v0/buttons/{id}/on/', 'guests')).toBe('POST /api/v0/buttons/guests/on/ → 200\nOK')
    expect(await answerTo('POST /api/v0/buttons/{id}/off/', 'at/tea?')).toBe(
      'POST /api/v0/buttons/at%2Ftea%3F/off/ → 400',
    )
    expect(await answerTo('GET /api/v0/buttontimes/{id}/', 'guests')).toBe(
      'GET /api/v0/buttontimes/guests/ → 200\nON:1620\n',
    )
  })

  it.each([
    ['a phone', { width: 390, height: 844 }],
    ['a small phone', { width: 320, height: 568 }],
  ])('fits %s: nothing is to be scrolled sideways', async (_, size) => {
    await page.setViewportSize(size)
    await shows(card('porch'), 'ready')
    await press('GET /api/v0/switches/porch/status/')
    await said().getByText('→ 200').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(size.width)
  })

  it('shows that a service ends and why, and when it is well again', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    const told = join(session.checkout, 'services/clocktime/src/told.ts')
    writeFileSync(told, `export const told: string = ''\nthrow new Error('no time ${'/a/path'.repeat(30)}')\n`)
    await shows(card('clocktime'), 'waiting')
    await card('clocktime').getByText('Error: no time').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    writeFileSync(told, "export const told: string = '0815'\n")
    await shows(card('clocktime'), 'ready')
    await press('GET /api/v0/clocktime/')
    await said().getByText('→ 200\n0815').waitFor()
  })

  it('starts a service again by a press', async () => {
    const starts = (): number => session.log().split('listening zone').length
    const before = starts()
    await press('start again clocktime')
    await session.until('another start', (view) => starts() > before && isAllReady(view))
    await shows(card('clocktime'), 'ready')
    expect(starts()).toBeGreaterThan(before)
  })

  it.each(['light', 'dark'] as const)(
    'has nothing that axe finds hard to read, hear or press, in %s colours',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme })
      await page.getByRole('combobox', { name: 'fault of lamp' }).selectOption('silent')
      await shows(card('lamp'), 'fails: silent')
      await press('turn on lamp')
      await shows(card('lamp'), 'on')
      await page.evaluate(axe.source)
      const { violations, passes } = await page.evaluate<axe.AxeResults>('axe.run()')
      expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([])
      expect(passes.map(({ id }) => id)).toContain('color-contrast')
      await press('turn off lamp')
      await page.getByRole('combobox', { name: 'fault of lamp' }).selectOption('none')
      await card('lamp').getByText('fails').waitFor({ state: 'hidden' })
    },
  )

  it('runs a job by a press, and shows how it ended', async () => {
    await press('run now backup-unifi')
    await shows(card('backup-unifi'), 'it ended with 0')
    await session.post('/press/git', { fault: 'refuse' })
    await press('run now backup-unifi')
    await shows(card('backup-unifi'), 'failed')
    expect(await card('backup-unifi').textContent()).toContain('it ended with 1 (backup-unifi: ')
  })

  it('shows what is wrong with the home file that was saved, until it is mended', async () => {
    writeFileSync(session.home, houseText('  more: { use: butons }\n'))
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').textContent()).toMatch(/home\.yaml:10:\d+: the catalog has no "butons"/u)
    writeFileSync(session.home, houseText('  more: { use: buttons, needs: [clocktime], routes: [] }\n'))
    await page.getByRole('alert').waitFor({ state: 'hidden' })
    await shows(card('more'), 'ready')
  })
})

it('says in the browser that it has ended, and takes no more presses', async () => {
  const page = await browser.newPage()
  page.setDefaultTimeout(patience)
  await page.goto(`http://127.0.0.1:${session.page}/`)
  await page.getByRole('button', { name: 'turn on porch' }).waitFor()
  expect(await session.end()).toBeUndefined()
  await page.getByRole('alert').getByText('homeslice dev does not answer: it has ended').waitFor()
  await page.keyboard.press('Tab')
  expect(await page.evaluate('document.activeElement.tagName')).toBe('BODY')
  await page.close()
})
