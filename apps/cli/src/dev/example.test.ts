import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort, root } from '@homeslice/testing'
import { isAllReady, send, type Session, startSession } from './session.testing.ts'

const long = 120_000

describe('the example home as processes of this machine', () => {
  let session: Session
  beforeAll(async () => {
    const example = readFileSync(join(root, 'home/example.yaml'), 'utf8')
    session = await startSession(example.replace('[guests]', `[guests], port: ${await freePort()}`), { checkout: root })
    await session.until('all of it', isAllReady)
  }, long)
  afterAll(() => session.end(), long)

  it('runs all nine services', async () => {
    const { services, notRun } = await session.view()
    expect(notRun).toEqual([])
    expect(services.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['clocktime', 'buttons', 'switches', 'sonos', 'lmz', 'chime', 'homebridge']),
    )
  })

  it("shows the house to Apple's Home", async () => {
    const { body } = await send(session.door, { path: '/api/v0/homebridge/' })
    expect(body).toMatch(/^waiting to be paired, 6 accessories\n/u)
  })

  it.each([
    ['backup-todoist', 'pushed backup.json'],
    ['backup-unifi', 'pushed simulated.unf'],
    ['chime-tea-time-kitchen', 'chimed'],
  ])(
    'runs %s when it is told to',
    async (job, says) => {
      expect((await session.post(`/restart/${job}`, {})).status).toBe(200)
      await session.until(job, () => session.log().includes(says))
    },
    long,
  )
})
