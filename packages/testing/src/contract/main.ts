/**
 * `CONTRACT_BASE_URL=http://HOST:PORT npm run contract [SERVICE…]`: holds any server to the contract of our services and
 * prints how many rows each kept. Without a name all services are asked, through the gateway of a home; with names,
 * these alone, straight at that port. Rows that tell a device what to do first are asked where `CONTRACT_DEVICE_URL` says
 * where simulated ones listen, `{device}` standing for a name. Ends with 1 where a row was not kept, 2 where it cannot begin.
 */
import { argv, env, exit, stderr, stdout } from 'node:process'
import { controlled } from './control.ts'
import { runContract, suite, type Suited } from './run.ts'

const refuse = (sentence: string): never => {
  stderr.write(`npm run contract: ${sentence}\n`)
  return exit(2)
}

const base = env['CONTRACT_BASE_URL'] ?? refuse('set CONTRACT_BASE_URL to the server, such as http://127.0.0.1:8080.')
const url = URL.canParse(base) ? new URL(base) : refuse(`CONTRACT_BASE_URL is no URL: ${base}`)
if (url.protocol !== 'http:') refuse(`CONTRACT_BASE_URL must begin with http://, and it is ${base}`)

const isSuited = (name: string): name is Suited => Object.hasOwn(suite, name)
const asked = argv.slice(2).map((name) => {
  return isSuited(name)
    ? name
    : refuse(`there is no contract of ${name}; there is one of ${Object.keys(suite).join(', ')}.`)
})

const sound = await fetch(new URL('/api/v0/chime/gong.mp3', url), { method: 'HEAD' }).catch(
  ({ message, cause }: Error) =>
    refuse(`nothing answers at ${base}: ${cause instanceof Error ? cause.message : message}`),
)
const services = (asked.length > 0 ? asked : Object.keys(suite).filter(isSuited)).filter(
  (service) => service !== 'chime' || sound.ok,
)
if (!sound.ok && (asked.length === 0 || asked.includes('chime')))
  stdout.write('chime is not asked: its rows want a gong.mp3 that holds 0123456789 among its sounds\n')

const at = env['CONTRACT_DEVICE_URL']
const nobody = { device: () => Promise.resolve(), stateOf: () => Promise.resolve(false) }
const target = {
  host: url.hostname,
  port: Number(url.port === '' ? '80' : url.port),
  ...(at === undefined ? nobody : controlled(at)),
}

const way = { via: asked.length > 0 ? 'port' : 'gateway', devices: at !== undefined } as const
// No two of them have a device in common.
const outcomes = await Promise.all(services.map((service) => runContract(service, target, way)))
for (const { line, wrong } of outcomes) stdout.write(`${[line, ...wrong.map((what) => `  ${what}`)].join('\n')}\n`)
const notAsked = Map.groupBy(
  outcomes.flatMap(({ exceptions }) => exceptions),
  ({ reason }) => reason,
)
for (const [reason, { length }] of notAsked) stdout.write(`not asked: ${length} rows, since ${reason}\n`)
exit(outcomes.every(({ wrong }) => wrong.length === 0) ? 0 : 1)
