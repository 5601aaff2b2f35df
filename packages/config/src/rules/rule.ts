import type { Environment, Home, Service } from '../home.ts'
import type { Finding, Path } from '../problem.ts'
import { mergedServices } from '../normalize.ts'
import type { WrittenHome, WrittenService } from '../schema.ts'

/** What a rule looks at: one environment of a home, and what was written. */
export type View = { readonly written: WrittenHome; readonly home: Home; readonly environment: Environment }

/** A small named check across keys; it returns everything it finds. */
export type Rule = (view: View) => Finding[]

/** Where a service's key was written: in the environment's overlay if it stands there, else at the service itself. */
export const placeOf = ({ written, environment }: View, service: string, ...rest: Path): Path => {
  const overlay = written.environments?.[environment.name]?.services?.[service]
  const [key] = rest
  const there = typeof overlay === 'object' && (key === undefined || Object.hasOwn(overlay, key))
  return there ? ['environments', environment.name, 'services', service, ...rest] : ['services', service, ...rest]
}

/** Every service of the environment through one check. */
export const eachService =
  (check: (service: Service, at: (...rest: Path) => Path, view: View) => Finding[]): Rule =>
  (view) =>
    Object.values(view.environment.services).flatMap((service) =>
      check(service, (...rest) => placeOf(view, service.name, ...rest), view),
    )

/** Every service of the environment, as it is written for it, through one check. */
export const eachWritten =
  (check: (name: string, written: WrittenService, at: (...rest: Path) => Path) => Finding[]): Rule =>
  (view) =>
    mergedServices(view.written, view.written.environments?.[view.environment.name] ?? {}).flatMap(([name, written]) =>
      check(name, written, (...rest) => placeOf(view, name, ...rest)),
    )

/** A finding if the condition holds, else none. */
export const when = (holds: boolean, finding: () => Finding): Finding[] => (holds ? [finding()] : [])
