import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Fleet, Member, Started } from '../../fleet/fleet.ts'
import { cpuOf, holdingOf } from '../../fleet/process.ts'
import { send, sendMany } from '../../fleet/send.ts'
import { commandsTo, usualOf } from '../../fleet/traffic.ts'
import { median } from '../rows.ts'
import type { Figures } from './figures.ts'

const starts = 5
const requests = 5000
const commands = 300

/** The value that so many of a hundred do not exceed. */
const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil((values.length * share) / 100) - 1] ?? Number.NaN

/** Everything about one service, while no other runs: nobody else computes for it or sends to it. */
export const measure = async (member: Member, fleet: Fleet): Promise<Figures> => {
  const ready: number[] = []
  const ends: number[] = []
  for (let round = 1; round < starts; round += 1) {
    const started = await member.start()
    ready.push(started.milliseconds)
    ends.push(await stop(member, started))
  }
  const started = await member.start()
  ready.push(started.milliseconds)
  await sleep(3000)
  const idle = holdingOf(started.pid)
  const cpuUs = await load(member, started)
  const loaded = holdingOf(started.pid)
  const devices = member.devices.length === 0 ? {} : await toDevices(member, fleet)
  ends.push(await stop(member, started))
  return {
    idleMiB: idle.resident,
    ownMiB: idle.own,
    loadedMiB: loaded.resident,
    readyMs: median(ready),
    cpuUs,
    stopMs: median(ends),
    layerKB: gzipSync(member.bundle, { level: 6 }).length / 1000,
    ...devices,
  }
}

/** Ends a service while a client keeps its connection, as a gateway does. */
const stop = async (member: Member, { running }: Started): Promise<number> => {
  const gateway = new Agent({ keepAlive: true })
  await send(member.port, usualOf(member), gateway)
  const before = performance.now()
  running.child.kill('SIGTERM')
  const { code, stderr } = await running.ended
  gateway.destroy()
  if (code !== 0) throw new Error(`${member.name} ended with ${code}: ${stderr}`)
  return performance.now() - before
}

/** Computing time per request once it is warm, in microseconds. */
const load = async (member: Member, { pid }: Started): Promise<number> => {
  const request = usualOf(member)
  const through = (count: number): Promise<void> =>
    sendMany(member.port, () => request, { count, atOnce: 20, onAnswer: () => undefined })
  await through(requests / 5)
  const before = cpuOf(pid)
  const rest = requests - requests / 5
  await through(rest)
  return (cpuOf(pid) - before) / rest
}

const toDevices = async (member: Member, fleet: Fleet): Promise<Pick<Figures, 'p99Ms' | 'deadMs'>> => {
  const times: number[] = []
  for (let turn = 0; turn < commands; turn += 1) {
    const device = member.devices[turn % member.devices.length] ?? ''
    // The first two are on and off.
    const request = commandsTo(member, device)[turn % 2]
    if (request === undefined) return {}
    const { milliseconds, status } = await send(member.port, request)
    if (status !== 200) throw new Error(`${member.name} answered ${status} to ${request.path}`)
    times.push(milliseconds)
  }
  const dead: number[] = []
  for (const fault of ['refuse', 'silent', 'dribble'] as const) {
    for (const device of fleet.devices.values()) await device.setFault(fault)
    const asked = member.devices.flatMap((device) => commandsTo(member, device))
    const answers = await Promise.all(asked.map((request) => send(member.port, request)))
    dead.push(...answers.map(({ milliseconds }) => milliseconds))
    for (const device of fleet.devices.values()) await device.setFault('none')
  }
  return { p99Ms: percentile(times, 99), deadMs: Math.max(...dead) }
}
