import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fault, faults } from '@homeslice/simulators'
import { freePort } from '../program.ts'
import { type Fleet, makeFleet, type Member, type Started } from './fleet.ts'
import { heldBy } from './heap.ts'
import { type Holding, holdingOf } from './process.ts'
import { type Answer, send, sendMany } from './send.ts'
import { commandsTo, isByContract, trafficTo } from './traffic.ts'

const isSoak = process.env.HOMESLICE_SOAK === '1'
/** Over all services together. */
const requests = isSoak ? 100_000 : 1200
/** In MiB, of what is held once garbage is collected: a request that left 1 KiB behind would show as 20 in a soak. */
const mostGrowth = 2
/** Services answer within 2.5 s of the arrival; a busy machine adds to it, and what has no deadline takes far longer. */
const latest = 5000

/** Waits for what a service lets go of on its own time: sockets of the kernel, the end of a deadline. */
const settled = async (pid: number, most: number): Promise<Holding> => {
  for (let round = 0; round < 100 && holdingOf(pid).descriptors > most; round += 1) await sleep(200)
  return holdingOf(pid)
}

describe('every service, with simulated devices', { timeout: isSoak ? 1_800_000 : 180_000 }, () => {
  let fleet: Fleet
  const running = new Map<Member, Started>()
  const inspectors = new Map<Member, number>()
  beforeAll(async () => {
    fleet = await makeFleet('127.0.13')
    for (const member of fleet.members) {
      const inspector = await freePort()
      inspectors.set(member, inspector)
      running.set(member, await member.start(inspector))
    }
  }, 120_000)
  afterAll(async () => {
    for (const [{ name }, { running: service }] of running) {
      service.child.kill('SIGTERM')
      expect([name, (await service.ended).code]).toEqual([name, 0])
    }
    await fleet.stop()
  })
  const pidOf = (member: Member): number => running.get(member)?.pid ?? 0
  const isAlive = (member: Member): boolean => running.get(member)?.running.child.exitCode === null
  const wrong = (member: Member, { request, status }: Answer): string[] =>
    isByContract(member, request, status) ? [] : [`${member.name}: ${request.method} ${request.path} ${status}`]
  const setFault = async (fault: Fault): Promise<void> => {
    for (const device of fleet.devices.values()) await device.setFault(fault)
  }
  /** Everything that its devices can be asked, at once. */
  const askDevices = (member: Member): Promise<Answer[]> =>
    Promise.all(
      member.devices.flatMap((device) => commandsTo(member, device)).map((request) => send(member.port, request)),
    )

  it.each(faults.filter((fault) => fault !== 'none'))(
    'no device that plays %s ends a service, keeps a socket, or is waited for too long',
    async (fault) => {
      const drivers = fleet.members.filter(({ devices }) => devices.length > 0)
      expect(drivers.length).toBeGreaterThan(0)
      const through = async (member: Member): Promise<void> => {
        // Once well, so that what is opened once and kept is not taken for a leak; then devices hang up on everybody.
        await askDevices(member)
        await setFault('none')
        await sleep(500)
        const before = holdingOf(pidOf(member)).descriptors
        await setFault(fault)
        const answers = await askDevices(member)
        expect(answers.flatMap((answer) => wrong(member, answer))).toEqual([])
        expect(answers.filter(({ milliseconds }) => milliseconds > latest)).toEqual([])
        // While the device still plays: it hangs up on everybody when it changes, which would hide a leak.
        const { descriptors } = await settled(pidOf(member), before)
        expect([member.name, descriptors, descriptors <= before]).toEqual([member.name, descriptors, true])
        await setFault('none')
        expect([member.name, isAlive(member)]).toEqual([member.name, true])
        const well = await askDevices(member)
        expect(well.map(({ status }) => status)).toEqual(well.map(() => 200))
      }
      for (const member of drivers) await through(member)
    },
  )

  it(`${requests} requests of a home leave memory flat, and every answer is one of the contract's`, async () => {
    const each = Math.ceil(requests / fleet.members.length)
    const problems: string[] = []
    const figures: Record<string, string[]> = {}
    for (const member of fleet.members) {
      // The first fifth fills caches and tables; four like it then show whether anything goes on growing.
      const fifths: (Holding & { readonly held: number })[] = []
      for (let round = 0; round < 5; round += 1) {
        await sendMany(member.port, trafficTo(member), {
          count: Math.ceil(each / 5),
          atOnce: 8,
          onAnswer: (answer) => problems.push(...wrong(member, answer)),
        })
        const held = await heldBy(inspectors.get(member) ?? 0)
        fifths.push({ ...holdingOf(pidOf(member)), held })
      }
      const [first, last] = [fifths[0]!, fifths.at(-1)!]
      figures[member.name] = fifths.map(({ held, resident }) => `${held.toFixed(2)} of ${Math.round(resident)}`)
      expect([member.name, isAlive(member)]).toEqual([member.name, true])
      const { descriptors: now } = await settled(pidOf(member), first.descriptors)
      expect([member.name, now, now <= first.descriptors]).toEqual([member.name, now, true])
      const growth = last.held - first.held
      expect([member.name, growth, growth < mostGrowth]).toEqual([member.name, growth, true])
    }
    process.stdout.write(`MiB held, of RSS, after each fifth of ${each} requests to each: ${JSON.stringify(figures)}\n`)
    expect(problems.slice(0, 20)).toEqual([])
  })
})
