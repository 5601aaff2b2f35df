import { existsSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { type Environment, type Home, type Locate, type Problem, readHome, type Service } from '@homeslice/config'
import type { Context } from './context.ts'
import type { Failure } from './outcome.ts'

/** A home file that was found, read and accepted, with the environment that was asked for. */
export type LoadedHome = {
  readonly ok: true
  readonly path: string
  readonly home: Home
  readonly environment: Environment
  readonly warnings: readonly Problem[]
  readonly locate: Locate
}

/** Why there is no home to work on. */
export type NoHome = { readonly ok: false; readonly error: Failure; readonly problems: readonly Problem[] }

type Asked = { readonly file?: string; readonly env: string }

/** A path as people will recognise it: relative where it lies below the working folder. */
export const shortPath = ({ cwd }: Context, path: string): string => {
  const short = relative(cwd, path)
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short
}

/**
 * Which home file a verb means: the one named, else `home.yaml` here, else (in a checkout of Homeslice, and saying so)
 * the example home.
 */
export const homePath = (
  context: Context,
  file: string | undefined,
  { example }: { readonly example: boolean },
): string => {
  const { cwd, checkout, process } = context
  if (file !== undefined) return resolve(cwd, file)
  const own = join(cwd, 'home.yaml')
  if (existsSync(own) || !example || checkout === undefined || resolve(cwd) !== checkout) return own
  const path = join(checkout, 'home', 'example.yaml')
  process.stderr.write(`homeslice: no home.yaml here, so this is the example home: ${shortPath(context, path)}\n`)
  return path
}

const failureOf = ({ message, fix, file, line, column }: Problem): Failure => ({
  message,
  ...(fix === undefined ? {} : { fix }),
  file,
  line,
  column,
})

/** A service that a person named, or what there is instead. */
export const serviceNamed = (
  { name: env, services }: Environment,
  name: string,
): { readonly ok: true; readonly service: Service } | { readonly ok: false; readonly error: Failure } => {
  const service = Object.hasOwn(services, name) ? services[name] : undefined
  if (service !== undefined) return { ok: true, service }
  const fix = `there are: ${Object.keys(services).join(', ')}`
  return { ok: false, error: { message: `there is no service "${name}" in ${env}`, fix } }
}

/** Reads the home that a verb means, in the environment that it means. */
export const loadHome = async (
  context: Context,
  { file, env }: Asked,
  { example = true }: { readonly example?: boolean } = {},
): Promise<LoadedHome | NoHome> => {
  const path = homePath(context, file, { example })
  const read = await readHome(path, shortPath(context, path))
  if (!read.ok) {
    const [first] = read.problems
    const more = read.problems.length - 1
    const error = first === undefined ? { message: `${path} cannot be read` } : failureOf(first)
    const others = more > 0 ? [`${more} more: run homeslice check ${shortPath(context, path)}`] : []
    const fix = [error.fix, ...others].filter((part) => part !== undefined).join('; ')
    return { ok: false, error: fix === '' ? error : { ...error, fix }, problems: read.problems }
  }
  const environment = read.home.environments[env]
  if (environment === undefined) {
    const names = Object.keys(read.home.environments).join(', ')
    const error = { message: `there is no environment "${env}" in this home`, fix: `it has: ${names}`, file: path }
    return { ok: false, error, problems: [] }
  }
  return { ok: true, path, home: read.home, environment, warnings: read.warnings, locate: read.locate }
}
