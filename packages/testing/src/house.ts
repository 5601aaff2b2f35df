import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { type Folders, foldersFrom, kubectlPath, runInPod } from '@homeslice/sandbox'
import { copyCheckout } from './checkout.ts'
import { type Ended, homeslice, run, type Running, root, start } from './command.ts'
import { onTerminal, type Terminal } from './terminal.ts'

/** A sandbox of a test's own, driven by the real command line, and the home file that lies beside it. */
export type House = {
  readonly folder: string
  readonly folders: Folders
  readonly gateway: number
  /** The kubeconfig of its sandbox. */
  readonly kubeconfig: string
  /** The kubectl of its sandbox. */
  readonly kubectlPath: string
  /** Writes the home file and gives its path. */
  readonly write: (text: string) => Promise<string>
  /** `homeslice …` with this house's state, home file and identity. */
  readonly homeslice: (...args: readonly string[]) => Promise<Ended>
  /** The same, while it runs. */
  readonly begin: (...args: readonly string[]) => Running
  /** The same on a terminal, with a person before it. */
  readonly onTerminal: (...args: readonly string[]) => Terminal
  /** kubectl against it; throws with what it said when it fails. */
  readonly kubectl: (...args: readonly string[]) => Promise<string>
  /** A request through the gateway: status and body. */
  readonly request: (
    method: string,
    path: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<{ readonly status: number; readonly body: string }>
  /** curl in the network of a service's pod: the HTTP status, `refused` or `silent`. */
  readonly reach: (service: string, url: string) => Promise<string>
  readonly remove: () => Promise<void>
}

/** How a house is made. */
type Building = {
  /** Its command line is that of a copy of this checkout, which it may change. @default false */
  readonly ownCheckout?: boolean
}

const withFile = new Set([
  'check',
  'render',
  'plan',
  'up',
  'status',
  'open',
  'logs',
  'doctor',
  'destroy',
  'secrets',
  'rollback',
])

/** Starts a sandbox for a test file; its paths are short, since sockets lie below them. */
export const startHouse = async ({ ownCheckout = false }: Building = {}): Promise<House> => {
  const folder = await mkdtemp('/tmp/house-')
  const program = join(ownCheckout ? await copyCheckout(join(folder, 'checkout')) : root, 'homeslice')
  const home = join(folder, 'home.yaml')
  const env = { HOMESLICE_STATE: join(folder, 'state'), HOMESLICE_IDENTITY: join(folder, 'identity.txt') }
  const folders = foldersFrom({ ...process.env, ...env })
  const words = ([verb = '', ...rest]: readonly string[]): string[] => [
    verb,
    ...rest,
    ...(withFile.has(verb) && !rest.includes('--file') && !rest.includes('--home') ? ['--file', home] : []),
  ]
  const started = await homeslice(['sandbox', 'start', '--json'], { env })
  if (started.code !== 0) throw new Error(`no sandbox: ${started.stdout}${started.stderr}`)
  const { ports, kubeconfig } = JSON.parse(started.stdout) as { ports: { http: number }; kubeconfig: string }
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const done = await run(kubectlPath(folders), [`--kubeconfig=${kubeconfig}`, ...args])
    if (done.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${done.stderr}`)
    return done.stdout
  }
  return {
    folder,
    folders,
    gateway: ports.http,
    kubeconfig,
    kubectlPath: kubectlPath(folders),
    write: async (text) => {
      await writeFile(home, text)
      return home
    },
    homeslice: (...args) => run(program, words(args), { env }),
    begin: (...args) => start(program, words(args), { env, detached: true }),
    onTerminal: (...args) => onTerminal(program, words(args), { env }),
    kubectl,
    request: (method, path, headers = {}) => ask({ port: ports.http, method, path, headers }),
    reach: async (service, url) => {
      const namespace = `casa-prod-${service}`
      const pod = (await kubectl('get', 'pods', '-n', namespace, '-o', 'jsonpath={.items[0].metadata.name}')).trim()
      const command = ['curl', '-sk', '--max-time', '2', '-o', '/dev/null', '-w', '%{http_code}', url]
      const done = await runInPod({ name: 'default', folders }, { namespace, pod }, command)
      if (!done.ok) throw new Error(done.message)
      if (done.finished.code === 0) return done.finished.stdout
      return done.finished.code === 28 ? 'silent' : 'refused'
    },
    remove: async () => {
      await homeslice(['sandbox', 'destroy', '--yes'], { env })
      await rm(folder, { recursive: true, force: true })
    },
  }
}

type Asked = { readonly port: number; readonly method: string; readonly path: string; readonly headers: object }

/** Not `fetch`: it sends a Host header of its own. */
const ask = ({ port, ...asked }: Asked): Promise<{ readonly status: number; readonly body: string }> =>
  new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, agent: false, ...asked, headers: { ...asked.headers } },
      (answer) => {
        let body = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
      },
    )
    outgoing.on('error', reject)
    outgoing.end()
  })

/** A home of the three services with simulated devices; `more` is added to its services. */
export const houseText = (more = '', rest = ''): string => `version: 1
home: { name: casa, timezone: Europe/Lisbon, domain: casa.test }
devices:
  porch: { kind: kasa, address: 192.0.2.20, simulate: true }
  lamp: { kind: wemo, address: 192.0.2.21, simulate: true }
services:
  clocktime: { use: clocktime }
  buttons: { use: buttons, needs: [clocktime] }
  switches: { use: switches, devices: [porch, lamp] }
${more}${rest}`
