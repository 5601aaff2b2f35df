import { catalog } from '@homeslice/catalog'
import { show } from '../shape.ts'
import { anywhere, houseOf, usedBy, wiringOf } from '../wiring.ts'
import { cronProblem } from './cron.ts'
import { eachService, eachWritten, type Rule, when } from './rule.ts'

/** Settings that are each right can still not fit each other, or the devices and clouds that are there. */
export const settingsFitTheHouse: Rule = eachService((service, at, { environment }) => {
  const used = usedBy(service)
  const complaints = used?.entry.check?.(used.settings, houseOf(service, anywhere(environment))) ?? []
  return complaints.map(({ path, message, fix }) => ({ path: at('settings', ...path), message, fix }))
})

/** Kubernetes adds a time of eleven characters to the name of a CronJob for each run, of 63. */
const longestName = 52

/** The runs that settings ask for have names and times that Kubernetes takes. */
export const jobsFit: Rule = eachService((service, at, { environment }) => {
  const { jobs = [] } = wiringOf(service, anywhere(environment))
  return jobs.flatMap(({ name, schedule }, index) => {
    const reason = cronProblem(schedule)
    const whole = `${service.name}-${name}`
    return [
      ...when(reason !== undefined, () => ({
        path: at('settings'),
        message: `${show(schedule)} is no schedule: ${reason}`,
        fix: 'minute hour day month weekday, such as "30 4 * * *" for half past four each night',
      })),
      ...when(whole.length > longestName, () => ({
        path: at('settings'),
        message: `the name of a scheduled run has at most ${longestName} characters, and ${whole} has ${whole.length}`,
        fix: 'shorten it: Kubernetes adds a time to it for each run',
      })),
      ...when(jobs.findIndex((other) => other.name === name) < index, () => ({
        path: at('settings'),
        message: `two scheduled runs are called ${whole}`,
        fix: 'give one another name',
      })),
    ]
  })
})

/** `simulate` is about clouds and the node; devices say it themselves. */
export const simulateMeansSomething: Rule = eachWritten((name, { use, simulate }, at) => {
  const entry = use === undefined ? undefined : catalog.get(use)
  return when(simulate !== undefined && entry?.clouds === undefined && entry?.host === undefined, () => ({
    path: at('simulate'),
    message: `${name} calls no cloud that could be simulated`,
    fix: 'remove `simulate`; devices are simulated where they are declared',
  }))
})
