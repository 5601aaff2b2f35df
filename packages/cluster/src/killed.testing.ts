// Brings a home up as a process of its own, and kills or pauses itself at one of its writes: before it is sent, or once it is done.
import { readFileSync, writeSync } from 'node:fs'
import { connect, type Connection } from './connection.ts'
import { bringUp, estateOf, objectsOf, type Shape } from './estate.testing.ts'
import type { Call } from './http.ts'

/** What the process is told, as JSON in a file. */
export type Orders = {
  readonly kubeconfig: string
  readonly home: string
  readonly services: Readonly<Record<string, Shape>>
  readonly kill?: { readonly write: number; readonly when: 'before' | 'after' }
  /** The write before which it is paused. */
  readonly pause?: number
}

/** What a write does, by method and kind: `PATCH configmaps`, or `PATCH configmaps of ours` for a parent. */
const effectOf = ({ method, path }: Call): string | undefined => {
  if (method === 'GET' || path.includes('dryRun')) return undefined
  const [, kind = ''] =
    /\/([a-z]+)(?:\/[^/?]+)?(?:\?.*)?$/u.exec(path.replace(/^\/(api\/v1|apis\/[^/]+\/[^/]+)/u, '')) ?? []
  return `${method} ${kind}${path.includes('/homeslice-system/') ? ' of ours' : ''}`
}

const [, , file = ''] = process.argv
const { kubeconfig, home, services, kill, pause } = JSON.parse(readFileSync(file, 'utf8')) as Orders
const connected = await connect({ kubeconfig })
if (!connected.ok) throw new Error(connected.message)
const { connection } = connected
let writes = 0
const mortal: Connection = {
  ...connection,
  call: async (call) => {
    const effect = effectOf(call)
    if (effect === undefined) return connection.call(call)
    const mine = writes
    writes += 1
    writeSync(1, `${effect}\n`)
    if (kill?.write === mine && kill.when === 'before') process.kill(process.pid, 'SIGKILL')
    if (pause === mine) process.kill(process.pid, 'SIGSTOP')
    const answer = await connection.call(call)
    if (kill?.write === mine) process.kill(process.pid, 'SIGKILL')
    return answer
  },
}
const estate = estateOf(home)
const applied = await bringUp(mortal, { estate, desired: objectsOf(estate, services), deadlineSeconds: 60 })
if (!applied.ok) throw new Error(JSON.stringify(applied))
process.exit(0)
