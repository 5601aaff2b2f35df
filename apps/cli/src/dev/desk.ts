import { ask } from './ask.ts'
import type { Fleet } from './fleet.ts'
import type { Done, PageDeps } from './page.ts'
import type { Plan, Program } from './plan.ts'
import { type Facts, viewOf } from './view.ts'

/** What the page's wishes are carried out with. */
export type DeskDeps = {
  readonly plan: () => Plan
  readonly fleet: Pick<Fleet, 'statusOf' | 'restart'>
  readonly facts: () => Omit<Facts, 'devices' | 'statusOf'>
}

/** Carries out what the page asks for, and asks the simulators how they are. */
export const createDesk = ({ plan, fleet, facts }: DeskDeps): Omit<PageDeps, 'port'> => {
  const programOf = (name: string, kind?: Program['kind']): Program | undefined =>
    plan().programs.find((program) => program.name === name && (kind === undefined || program.kind === kind))
  const simulatorOf = (device: string): Program | undefined => {
    const standIn = plan().standIns.find(({ name }) => name === device)
    return standIn && programOf(standIn.service)
  }
  return {
    view: async () => {
      const states = await Promise.all(
        plan().standIns.map(async ({ name }) => [name, await stateOf(simulatorOf(name))] as const),
      )
      const devices = new Map(states.flatMap(([name, state]) => (state === undefined ? [] : [[name, state] as const])))
      return viewOf(plan(), { ...facts(), devices, statusOf: fleet.statusOf })
    },
    call: async (name, { method, path }) => {
      const service = programOf(name, 'service')
      if (service === undefined) return nothing('service', name)
      if (!/^[A-Z]{1,20}$/u.test(method) || !/^\/[\u0021-\u007e]*$/u.test(path)) {
        return { ok: false, error: `${method} ${path} is no request; write it like GET /api/v0/…` }
      }
      const answer = await ask(service, { method, path })
      return typeof answer === 'string'
        ? { ok: false, error: `${name} does not answer: ${answer}` }
        : { ok: true, document: answer }
    },
    restart: (name) =>
      fleet.restart(name) ? { ok: true, document: { restarted: name } } : nothing('service or job', name),
    press: async (name, { on, fault }) => {
      const simulator = simulatorOf(name)
      if (simulator === undefined) return nothing('device', name)
      const answer = await ask(
        simulator,
        on === undefined
          ? { method: 'PUT', path: '/fault', body: { kind: fault } }
          : { method: 'PUT', path: '/state', body: { on } },
      )
      if (typeof answer === 'string') return { ok: false, error: `the simulator of ${name} does not answer: ${answer}` }
      const document = groupOf(answer.body)
      return answer.status === 200 && document !== undefined
        ? { ok: true, document }
        : { ok: false, error: `the simulator of ${name} cannot do that: ${answer.body.trim()}` }
    },
  }
}

const nothing = (kind: string, name: string): Done => ({ ok: false, error: `there is no ${kind} "${name}" here` })

const stateOf = async (simulator: Program | undefined): Promise<Readonly<Record<string, unknown>> | undefined> => {
  if (simulator === undefined) return undefined
  const answer = await ask(simulator, { method: 'GET', path: '/state' })
  return typeof answer === 'string' || answer.status !== 200 ? undefined : groupOf(answer.body)
}

const groupOf = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const data: unknown = JSON.parse(text)
    return typeof data === 'object' && data !== null ? { ...data } : undefined
  } catch {
    return undefined
  }
}
