import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { failure, type Failure } from '../outcome.ts'
import { jsonOf } from './json.ts'

/** What a registry knows us by: a name with a password, or a token that is good for others. */
export type Credentials = { readonly username: string; readonly password: string } | { readonly refresh: string }

/** What was found, and the file where it was looked for. */
export type Found =
  | { readonly ok: true; readonly credentials: Credentials | undefined; readonly file: string }
  | Failure

type Env = Readonly<Record<string, string | undefined>>

const configSchema = z.object({
  auths: z
    .record(z.string(), z.object({ auth: z.string().optional(), identitytoken: z.string().optional() }))
    .optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
})

type Config = z.infer<typeof configSchema>

/** The file of logins that `docker login` and its kin write. */
const configPath = (env: Env): string =>
  join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker'), 'config.json')

/** Finds the login of a registry: by the helper for it, by the helper for all, else in the file itself. */
export const credentialsFor = async (host: string, env: Env): Promise<Found> => {
  const file = configPath(env)
  const config = await readConfig(file)
  if (!config.ok) return config
  const { credHelpers = {}, credsStore, auths = {} } = config.config
  const helper = credHelpers[host] ?? credsStore
  const held = helper === undefined ? undefined : await fromHelper(helper, { host, file, env })
  if (held !== undefined && (!held.ok || held.credentials !== undefined)) return held
  return { ok: true, credentials: fromFile(auths, host), file }
}

const readConfig = async (file: string): Promise<{ readonly ok: true; readonly config: Config } | Failure> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error)
  if (text instanceof Error) return text.code === 'ENOENT' ? { ok: true, config: {} } : unreadable(file, text.message)
  try {
    const parsed = configSchema.safeParse(JSON.parse(text))
    return parsed.success ? { ok: true, config: parsed.data } : unreadable(file, z.prettifyError(parsed.error))
  } catch (error) {
    return unreadable(file, (error as SyntaxError).message)
  }
}

const unreadable = (file: string, why: string): Failure =>
  failure(`the logins of registries in ${file} cannot be read: ${why}`, 'mend that file, or log in anew: docker login')

/** The names under which a login may stand: older ones are whole addresses. */
const namesOf = (host: string): string[] =>
  ['', 'https://', 'http://'].flatMap((scheme) => ['', '/', '/v1/', '/v2/'].map((path) => `${scheme}${host}${path}`))

const fromFile = (auths: NonNullable<Config['auths']>, host: string): Credentials | undefined => {
  const login = namesOf(host)
    .map((name) => auths[name])
    .find((one) => one !== undefined)
  if (login?.identitytoken) return { refresh: login.identitytoken }
  const [, username, password] = /^([^:]+):(.*)$/su.exec(Buffer.from(login?.auth ?? '', 'base64').toString()) ?? []
  return username === undefined || password === undefined ? undefined : { username, password }
}

const helperSays = z.object({ Username: z.string(), Secret: z.string() })

type Asking = { readonly host: string; readonly file: string; readonly env: Env }

/** Nothing where the helper does not know the registry. */
const fromHelper = async (helper: string, { host, file, env }: Asking): Promise<Found> => {
  const program = `docker-credential-${helper}`
  const { code, stdout, stderr } = await run(program, host, env)
  const said = (stdout + stderr).trim()
  if (code !== 0) {
    if (/not found in native keychain|no credentials/u.test(said)) return { ok: true, credentials: undefined, file }
    const why = code === undefined ? 'there is no such program on this machine' : `it ended with ${code}: ${said}`
    return failure(`${file} leaves logins to ${program}: ${why}`, `mend that, or log in anew: docker login ${host}`)
  }
  const parsed = helperSays.safeParse(jsonOf(stdout))
  if (!parsed.success)
    return failure(`${program} gives no login for ${host} that can be read`, `log in anew: docker login ${host}`)
  const { Username: username, Secret: password } = parsed.data
  return { ok: true, credentials: username === '<token>' ? { refresh: password } : { username, password }, file }
}

type Ran = { readonly code: number | undefined; readonly stdout: string; readonly stderr: string }

/** Asks a helper for a login, as docker does: the registry on its standard input. No code where there is no program. */
const run = (program: string, host: string, env: Env): Promise<Ran> =>
  new Promise((resolve) => {
    const child = spawn(program, ['get'], { env, stdio: 'pipe' })
    const said = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk) => (said.stdout += String(chunk)))
    child.stderr.on('data', (chunk) => (said.stderr += String(chunk)))
    child.on('error', () => resolve({ code: undefined, ...said }))
    child.on('close', (code) => resolve({ code: code ?? 1, ...said }))
    // A helper that ends before it read its input is judged by its code alone.
    child.stdin.on('error', () => undefined)
    child.stdin.end(host)
  })
