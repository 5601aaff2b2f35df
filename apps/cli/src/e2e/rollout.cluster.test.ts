import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type House, houseText, startHouse } from '@homeslice/testing'

const perSecond = 200
const atLeast = process.env.HOMESLICE_SOAK === '1' ? 30_000 : 10_000

let house: House
beforeAll(async () => {
  house = await startHouse()
  await house.write(houseText())
  expect((await house.homeslice('up')).code).toBe(0)
})
afterAll(() => house.remove())

it(`loses none of at least ${atLeast} requests at ${perSecond}/s through the gateway while versions roll`, async () => {
  const kept = new Agent({ keepAlive: true, maxSockets: 32 })
  const lost: string[] = []
  let sent = 0
  let going = true
  const one = (agent: Agent | false): Promise<void> =>
    new Promise((resolve) => {
      const method = sent % 2 === 0 ? 'GET' : 'POST'
      const outgoing = request(
        { host: '127.0.0.1', port: house.gateway, path: '/api/v0/clocktime/', method, agent, timeout: 10_000 },
        (response) => {
          response.resume()
          response.on('end', () => {
            if (response.statusCode !== 200) lost.push(`${method} ${response.statusCode}`)
            resolve()
          })
        },
      )
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 10 s')))
      outgoing.on('error', (error) => {
        lost.push(`${method} ${error.message}`)
        resolve()
      })
      outgoing.end()
    })
  const load = (async () => {
    const started = performance.now()
    const waiting: Promise<void>[] = []
    while (going || sent < atLeast) {
      const due = Math.floor(((performance.now() - started) / 1000) * perSecond)
      for (; sent < due; sent += 1) waiting.push(one(sent % 4 === 0 ? false : kept))
      await sleep(5)
    }
    await Promise.all(waiting)
  })()
  let rollouts = 0
  while (sent < atLeast) {
    rollouts += 1
    await house.write(houseText().replace('{ use: clocktime }', `{ use: clocktime, env: { ROLLOUT: "${rollouts}" } }`))
    expect((await house.homeslice('up')).code).toBe(0)
  }
  going = false
  await load
  kept.destroy()
  process.stdout.write(`rolling: ${lost.length} of ${sent} requests lost over ${rollouts} rollouts\n`)
  expect([...new Set(lost)]).toEqual([])
})
