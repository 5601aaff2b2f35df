import { spawn } from 'node:child_process'
import { createECDH, createHash, createPrivateKey } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import ssh2 from 'ssh2'
import type { AuthContext, Connection, ServerChannel, Session } from 'ssh2'
import { type Fault, type Place, type Simulator, slowMilliseconds } from './fault.ts'
import { createDoor, dribble } from './server.ts'

const usualPort = 2222

/** The one repository that it has, as it stands at the end of a URL. */
export const simulatedRepository = 'backups.git'

const scalar = createHash('sha256').update('a simulated git server has nothing to hide').digest()
const curve = createECDH('prime256v1')
curve.setPrivateKey(scalar)
const point = curve.getPublicKey()
const part = (from: number, to: number): string => point.subarray(from, to).toString('base64url')
const jwk = { kty: 'EC', crv: 'P-256', d: scalar.toString('base64url'), x: part(1, 33), y: part(33, 65) }
const hostKey = createPrivateKey({ key: jwk, format: 'jwk' }).export({ type: 'sec1', format: 'pem' })

const field = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
const wire = ['ecdsa-sha2-nistp256', 'nistp256'].map((word) => field(Buffer.from(word)))

/** What a file of known hosts says of it, whatever its address: its key is always this one, known to everybody. */
export const simulatedKnownHost = `* ecdsa-sha2-nistp256 ${Buffer.concat([...wire, field(point)]).toString('base64')}`

/** A simulated git server: `repository` is the folder of its bare repository. */
export type GitSimulator = Simulator & { readonly repository: string }

/**
 * A git server over SSH with one bare repository. It takes every key, as it guards nothing. The protocol of SSH is a
 * library's, so that it needs no account of the system, no shell and no rights; what is said within is git's own.
 */
export const startGit = async ({ name, host, port = usualPort }: Place): Promise<GitSimulator> => {
  const folder = await mkdtemp(join(tmpdir(), 'homeslice-git-'))
  const repository = join(folder, simulatedRepository)
  await ended(git(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', repository]))
  let fault: Fault = 'none'
  let calls = 0

  const talk = (channel: ServerChannel, command: string, protocol: string): void => {
    calls += 1
    const words = /^git-(upload-pack|receive-pack) '(.*)'$/u.exec(command)
    if (words === null) return refuse(channel, 'there is git here and nothing else')
    const [, service = '', path = ''] = words
    if (!path.endsWith(`/${simulatedRepository}`) && path !== simulatedRepository)
      return refuse(channel, `fatal: '${path}' does not appear to be a git repository`)
    if (fault === 'stuck' && service === 'receive-pack')
      return refuse(channel, 'ERROR: The key you are authenticating with has been marked as read only.')
    connect(channel, git([service, repository], protocol))
  }

  const onSession = (session: Session, drop: () => void): void => {
    let protocol = ''
    session.on('env', (accept, _reject, { key, val }) => {
      if (key === 'GIT_PROTOCOL') protocol = val
      accept?.()
    })
    session.on('exec', (accept, _reject, { command }) => {
      if (fault === 'vanish') return drop()
      const pause = fault === 'slow' ? slowMilliseconds : 0
      void sleep(pause).then(() => talk(accept(), command, protocol))
    })
  }

  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client: Connection) => {
    client.on('error', () => undefined)
    client.on('authentication', (context: AuthContext) => {
      if (context.method === 'publickey' && fault !== 'error') context.accept()
      else context.reject(['publickey'])
    })
    client.on('ready', () => {
      client.on('session', (accept) => onSession(accept(), () => client.end()))
    })
  })

  const door = createDoor(host, (socket) => {
    const play = beforeSsh[fault]
    if (play === undefined) server.injectSocket(socket)
    else play(socket)
  })
  await door.open(port)
  return {
    repository,
    state: () => ({ kind: 'git', name, on: fault !== 'refuse', port, fault, calls }),
    // A server is not switched.
    setOn: () => undefined,
    setFault: async (next) => {
      fault = next
      await (next === 'refuse' ? door.shut() : door.open(port))
    },
    stop: async () => {
      await door.shut()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Faults that come before a word of SSH is said. */
const beforeSsh: Readonly<Partial<Record<Fault, (socket: Socket) => void>>> = {
  silent: () => undefined,
  garbage: (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  huge: (socket) => socket.end(Buffer.alloc(1 << 20, 'x')),
  dribble: (socket) => dribble(socket, Buffer.from('SSH-2.0-')),
}

const git = (args: readonly string[], protocol = '') =>
  spawn('git', args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH ?? '/usr/bin',
      GIT_PROTOCOL: protocol,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'receive.autoGc',
      GIT_CONFIG_VALUE_0: 'false',
    },
  })

const ended = (child: ReturnType<typeof git>): Promise<void> =>
  new Promise((resolve, reject) => {
    child
      .on('error', reject)
      .on('close', (code) => (code === 0 ? resolve() : reject(new Error(`git ended with ${code}`))))
  })

const connect = (channel: ServerChannel, child: ReturnType<typeof git>): void => {
  channel.pipe(child.stdin)
  child.stdin.on('error', () => undefined) // git may end before it has read everything
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })
  channel.on('close', () => child.kill())
  child.on('close', (code) => {
    channel.exit(code ?? 1)
    channel.end()
  })
}

const refuse = (channel: ServerChannel, reason: string): void => {
  channel.stderr.write(`${reason}\n`)
  channel.exit(128)
  channel.end()
}
