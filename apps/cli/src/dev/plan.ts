import {
  type Around,
  type Environment,
  type FileValue,
  type Home,
  type Service,
  type Simulator,
  simulatorsIn,
  wiringOf,
} from '@homeslice/config'
import { simulated } from './around.ts'

/** One program of ours to run as a process of this machine. Its paths are those that it would have in a container. */
export type Program = {
  readonly name: string
  /** A job ends by itself, and runs when it is asked to. */
  readonly kind: 'service' | 'simulator' | 'job'
  /** The image whose program it is. */
  readonly image: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Path to text. */
  readonly files: Readonly<Record<string, string>>
  /** Folders that it writes to. */
  readonly folders: readonly string[]
  /** The address on loopback that it listens on. */
  readonly host: string
  readonly port: number
  readonly metricsPort: number
}

/** A path prefix that leads to a service, as at the gateway. */
export type Way = { readonly prefix: string; readonly service: string; readonly port: number }

/** Everything that a home is on this machine. */
export type Plan = {
  readonly home: string
  readonly environment: Environment
  readonly programs: readonly Program[]
  readonly standIns: readonly Simulator[]
  /** Services that cannot run here, each with the reason. */
  readonly notRun: readonly { readonly name: string; readonly reason: string }[]
  /** The longest prefix first. */
  readonly ways: readonly Way[]
  readonly redirects: readonly { readonly prefix: string; readonly to: string }[]
  /** Secrets that services use: here each is a made-up word, never what the vault holds. */
  readonly secrets: readonly string[]
}

/** Where programs find their place on this machine. */
export type Places = {
  /** The port of a service, or of the control of a simulator; and that of its probes. */
  readonly portsOf: (program: string) => { readonly port: number; readonly metricsPort: number }
  /** The address of a simulator's own. */
  readonly addressOf: (program: string) => string
  /** Whether there is a program for an image of ours. */
  readonly has: (image: string) => boolean
}

const loopback = '127.0.0.1'

/** A home as processes of this machine: what runs, where, and what does not run and why. */
export const planOf = (home: Pick<Home, 'name' | 'timezone'>, written: Environment, places: Places): Plan => {
  const environment = simulated(written)
  const standIns = simulatorsIn(environment)
  const addresses = new Map(standIns.map(({ service }) => [service, places.addressOf(service)]))
  const hostOf = (name: string): string => addresses.get(name) ?? `${loopback}:${places.portsOf(name).port}`
  const services = Object.values(environment.services)
  const notRun = services.flatMap((service) => {
    const reason = whyNot(service, places)
    return reason === undefined ? [] : [{ name: service.name, reason }]
  })
  const run = services.filter(({ name }) => !notRun.some((one) => one.name === name))
  const around = { environment, timezone: home.timezone, hostOf }
  return {
    home: home.name,
    environment,
    standIns,
    notRun,
    programs: [
      ...standIns.map((standIn) => simulatorOf(standIn, addresses.get(standIn.service) ?? loopback, places)),
      ...run.flatMap((service) => programsOf(service, around, places)),
    ],
    ways: waysOf(run, places),
    redirects: environment.redirects.flatMap(({ path, to }) => (path === undefined ? [] : [{ prefix: path, to }])),
    secrets: [...new Set(run.flatMap((service) => secretsIn(service, wiringOf(service, around))))].toSorted(),
  }
}

const whyNot = ({ use, image, command }: Service, { has }: Places): string | undefined => {
  if (use === undefined) {
    const name = 'reference' in image ? image.reference : image.ours
    return `its image is ${name}; here run the services of the catalog only`
  }
  if (command !== undefined) return 'its home file names a command of its own, which is in its image and not here'
  const ours = 'ours' in image ? image.ours : use.entry
  return has(ours) ? undefined : `there is no program of ${ours} to run without its image`
}

const waysOf = (run: readonly Service[], { portsOf }: Places): Way[] =>
  run
    .flatMap(({ name, routes }) =>
      routes.flatMap(({ paths }) => paths.map((prefix) => ({ prefix, service: name, port: portsOf(name).port }))),
    )
    .toSorted((a, b) => b.prefix.length - a.prefix.length)

const simulatorOf = ({ service, kind, name, child }: Simulator, host: string, { portsOf }: Places): Program => ({
  name: service,
  kind: 'simulator',
  image: 'simulators',
  args: [kind, name, ...(child === undefined ? [] : [child])],
  env: {},
  files: {},
  folders: [],
  host,
  ...portsOf(service),
})

/** A service, and the jobs of its catalog entry besides it. */
const programsOf = (service: Service, around: Around, { portsOf }: Places): Program[] => {
  const wired = wiringOf(service, around)
  const { name, image, use, env, files, data, run, schedule } = service
  const server: Program = {
    name,
    kind: schedule === undefined ? 'service' : 'job',
    image: 'ours' in image ? image.ours : (use?.entry ?? name),
    args: service.args ?? wired.args,
    env: {
      TZ: around.timezone,
      ...mapValues(wired.env, inventedText),
      ...mapValues(env, (value) => {
        if ('text' in value) return value.text
        return 'service' in value ? `http://${around.hostOf(value.service)}` : invented(value.secret)
      }),
    },
    files: { ...mapValues(wired.files, inventedText), ...mapValues(files, textOf) },
    folders: [...Object.keys(data), ...run.writable],
    host: loopback,
    ...portsOf(name),
  }
  const jobs = (wired.jobs ?? []).map((job): Program => ({
    ...server,
    name: `${name}-${job.name}`,
    kind: 'job',
    args: job.args,
  }))
  return [server, ...jobs]
}

/** What stands for a secret here. */
const invented = (secret: string): string => `dev-${secret}`
const inventedText = (value: string | { readonly secret: string }): string =>
  typeof value === 'string' ? value : invented(value.secret)
const textOf = (value: FileValue): string => ('text' in value ? value.text : invented(value.secret))

const secretsIn = ({ env, files }: Service, wired: ReturnType<typeof wiringOf>): string[] =>
  [env, files, wired.env, wired.files]
    .flatMap((group) => Object.values(group))
    .flatMap((value) => (typeof value === 'object' && 'secret' in value ? [value.secret] : []))

const mapValues = <From>(
  group: Readonly<Record<string, From>>,
  change: (value: From) => string,
): Record<string, string> => Object.fromEntries(Object.entries(group).map(([key, value]) => [key, change(value)]))
