import { chmod, readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Remote } from './repository.ts'

/** What git needs to log in, or why that cannot be. */
export type Login = { readonly ok: true; readonly env: Readonly<Record<string, string>> } | Unfit

/** A setting that does not fit, in a sentence. */
type Unfit = { readonly ok: false; readonly message: string }

const unfit = (message: string): Unfit => ({ ok: false, message })

/** `ssh://[user@]host[:port]/path` or `[user@]host:path`. */
const patterns = [
  /^ssh:\/\/(?:[^@/\s]+@)?(?<host>[\w[][\w.:[\]-]*?)(?::(?<port>\d+))?\/\S+$/u,
  /^(?:[^@/:\s]+@)?(?<host>\w[\w.-]*):(?!\/\/)[^\s-]\S*$/u,
]

/** Where a repository is. */
export type Address = { readonly host: string; readonly port?: string | undefined }

/** The host of a repository's address, and its port where it has one; nothing where it is no address over SSH. */
export const addressOf = (url: string): Address | undefined => {
  const found = patterns.map((pattern) => pattern.exec(url)?.groups).find((groups) => groups !== undefined)
  return found?.host === undefined ? undefined : { host: found.host, port: found.port }
}

/** Puts what ssh needs into a folder of our own: the key as ssh wants it, the hosts that are known, and a way to start it. */
export const logIn = async (remote: Remote, folder: string): Promise<Login> => {
  if (addressOf(remote.url) === undefined) {
    return unfit(`"${remote.url}" is no address of a repository over SSH; write it like git@github.com:you/backups.git`)
  }
  const key = await keyOf(remote)
  if (!key.ok) return key
  const knownHostsPath = remote.knownHostsPath ?? join(userInfo().homedir, '.ssh', 'known_hosts')
  const hosts = await readFile(knownHostsPath, 'utf8').catch((error: NodeJS.ErrnoException) => error)
  if (typeof hosts !== 'string') {
    return unfit(
      `the known hosts cannot be read from ${knownHostsPath} (${String(hosts.code)}); write there what \`ssh-keyscan\` says of the host, once you have compared it with what the host publishes`,
    )
  }
  // ssh refuses a key of ours that others may read, and secrets of a cluster can be read by a group.
  await writeFile(join(folder, 'key'), key.text, { mode: 0o600 })
  await writeFile(join(folder, 'known_hosts'), hosts)
  const program = join(folder, 'ssh')
  await writeFile(program, starter(folder))
  await chmod(program, 0o700)
  return { ok: true, env: environment(folder, program) }
}

const keyOf = async ({ privateKeyPath }: Remote): Promise<{ readonly ok: true; readonly text: string } | Unfit> => {
  const text = await readFile(privateKeyPath, 'utf8').catch((error: NodeJS.ErrnoException) => error)
  if (typeof text !== 'string')
    return unfit(`the private key cannot be read from ${privateKeyPath} (${String(text.code)})`)
  if (!text.trimStart().startsWith('-----BEGIN ')) {
    return unfit(`${privateKeyPath} holds no private key; it begins with -----BEGIN OPENSSH PRIVATE KEY-----`)
  }
  // A key that came through a form or a clipboard often lacks its last line end, and ssh takes no such key.
  return { ok: true, text: `${text.trim().replaceAll('\r\n', '\n')}\n` }
}

const options = (folder: string): readonly string[] => [
  '-F',
  '/dev/null',
  '-i',
  join(folder, 'key'),
  ...[
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile="${join(folder, 'known_hosts')}"`,
    'GlobalKnownHostsFile=/dev/null',
    'UpdateHostKeys=no',
    'ConnectTimeout=10',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=3',
  ].flatMap((option) => ['-o', option]),
]

/**
 * git starts ssh with options only by way of a shell, and an image of ours has none: so this stands between them. It
 * asks for nothing by `require` or `import`, as the folder it lies in decides which of them a script has.
 */
const starter = (folder: string): string => `#!${process.execPath}
const { spawn } = process.getBuiltinModule('node:child_process')
const ssh = spawn('ssh', [...${JSON.stringify(options(folder))}, ...process.argv.slice(2)], { stdio: 'inherit' })
ssh.on('error', ({ code }) => { process.stderr.write('ssh cannot be started: ' + code + '\\n'); process.exitCode = 127 })
ssh.on('close', (code) => { process.exitCode = code ?? 1 })
process.on('SIGTERM', () => ssh.kill())
`

/** Nothing of the machine's or the user's git: the same everywhere. */
const environment = (folder: string, program: string): Readonly<Record<string, string>> => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: folder,
  LC_ALL: 'C',
  ...(process.env.TZ === undefined ? {} : { TZ: process.env.TZ }),
  GIT_SSH: program,
  GIT_SSH_VARIANT: 'ssh',
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_LITERAL_PATHSPECS: '1',
})
