import { cloudSimulatedBy, simulatedBy, simulatorOf, simulatorsIn } from '../simulators.ts'
import { eachService, type Rule, when } from './rule.ts'

const namespaceLimit = 63

/** A namespace is `<home>-<env>-<service>`, and Kubernetes allows 63 characters. */
export const namespacesFit: Rule = ({ home, environment, written }) => {
  const tooLong = (name: string, path: string[]) => {
    const namespace = `${home.name}-${environment.name}-${name}`
    return when(namespace.length > namespaceLimit, () => ({
      path,
      message: `its namespace ${namespace} is longer than ${namespaceLimit} characters`,
      fix: 'shorten the name',
    }))
  }
  return [
    ...Object.keys(environment.services).flatMap((name) => tooLong(name, ['services', name])),
    ...Object.keys(written.devices ?? {}).flatMap((name) => tooLong(simulatorOf(name), ['devices', name])),
    ...simulatorsIn(environment)
      .filter(({ service }) => cloudSimulatedBy(service) !== undefined)
      .flatMap(({ service }) => tooLong(service, ['home', 'name'])),
  ]
}

const taken: ReadonlySet<string> = new Set(['platform', 'redirects', 'elsewhere', 'keeper'])

/** These names are taken by what Homeslice makes itself. */
export const namesAreFree: Rule = eachService(({ name }, at) =>
  when([simulatedBy(name), cloudSimulatedBy(name)].some((one) => one !== undefined) || taken.has(name), () => ({
    path: at(),
    message: `the name "${name}" is taken by Homeslice itself`,
    fix: 'choose another',
  })),
)

/** A timezone that this machine's tables do not know would stop every schedule. */
export const timezoneIsKnown: Rule = ({ home }) =>
  when(!isTimezone(home.timezone), () => ({
    path: ['home', 'timezone'],
    message: `"${home.timezone}" is no IANA timezone`,
    fix: 'write it like Europe/Lisbon',
  }))

const isTimezone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '' && !/^[+-]/u.test(name)
  } catch {
    return false
  }
}

/** An overlay changes services that are there. */
export const overlaysFit: Rule = ({ environment, written }) =>
  Object.keys(written.environments?.[environment.name]?.services ?? {})
    .filter((name) => !Object.hasOwn(written.services, name))
    .map((name) => ({
      path: ['environments', environment.name, 'services', name],
      message: `there is no service "${name}" to change`,
      fix: 'environments change services of the home; declare it there first',
    }))
