import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { goProgram } from '../go.ts'

/** Somebody else's registry and client of OCI's distribution protocol. */
export type Peer = {
  /** Where its registry listens, on this machine. */
  readonly port: number
  /** Runs its client, and gives what that prints. */
  readonly crane: (...words: readonly string[]) => Promise<string>
  readonly stop: () => Promise<void>
}

/** Starts an empty registry. */
export const startPeer = async (): Promise<Peer> => {
  const module = join(import.meta.dirname, '../../peers/crane')
  const program = await goProgram(module, 'github.com/google/go-containerregistry/cmd/crane')
  const child = spawn(program, ['registry', 'serve', '--address', '127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  const port = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    createInterface(child.stderr).on('line', (line) => {
      const found = /serving on port (\d+)/u.exec(line)
      if (found) resolve(Number(found[1]))
    })
    void ended.then(() => reject(new Error('the peer ended before it listened')))
  })
  return {
    port,
    crane: async (...words) => (await promisify(execFile)(program, [...words])).stdout.trim(),
    stop: async () => {
      child.kill()
      await ended
    },
  }
}
