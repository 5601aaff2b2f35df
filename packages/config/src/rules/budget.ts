import type { Environment, Service } from '../home.ts'
import { bytesOf, millicoresOf, sizeOf } from '../quantity.ts'
import { simulatorLimits, simulatorsIn } from '../simulators.ts'
import { anywhere, wiringOf } from '../wiring.ts'
import { type Rule, when } from './rule.ts'

/** How many pods of a service may run at once: its replicas, one more while a new version comes up, and its jobs. */
export const mostPods = ({ replicas, schedule, data }: Service, jobs: number): number => {
  const surge = schedule === undefined && Object.keys(data).length === 0 ? 1 : 0
  return (replicas ?? 1) + surge + jobs
}

/** The most that an environment's pods may use together. */
const demandOf = (environment: Environment): { millicores: number; bytes: number } => {
  const all = Object.values(environment.services)
  const simulated = simulatorsIn(environment).length
  const podsOf = (service: Service): number =>
    mostPods(service, wiringOf(service, anywhere(environment)).jobs?.length ?? 0)
  const sum = (most: (service: Service) => number): number =>
    all.reduce((total, service) => total + most(service) * podsOf(service), 0)
  // A simulator's new version replaces the old one: nobody minds if a simulated lamp is away for a second.
  return {
    millicores:
      sum(({ resources }) => millicoresOf(resources.cpu.limit)) + simulated * millicoresOf(simulatorLimits.cpu),
    bytes: sum(({ resources }) => bytesOf(resources.memory.limit)) + simulated * bytesOf(simulatorLimits.memory),
  }
}

/** A budget holds all that it is for, or pods would wait for room that never comes. */
export const budgetsHold: Rule = ({ environment }) => {
  const { budget, name } = environment
  if (budget === undefined) return []
  const { millicores, bytes } = demandOf(environment)
  return [
    ...when(budget.memory !== undefined && bytes > bytesOf(budget.memory), () => ({
      path: ['environments', name, 'budget', 'memory'],
      message: `the services of ${name} may use ${sizeOf(bytes)} (limits, each with one more pod while it is replaced), more than ${budget.memory}`,
      fix: `raise the budget to ${sizeOf(bytes)}, lower limits, or leave a service out`,
    })),
    ...when(budget.cpu !== undefined && millicores > millicoresOf(budget.cpu), () => ({
      path: ['environments', name, 'budget', 'cpu'],
      message: `the services of ${name} may use ${millicores}m of a core together, more than ${budget.cpu}`,
      fix: `raise the budget to ${millicores}m, lower limits, or leave a service out`,
    })),
  ]
}
