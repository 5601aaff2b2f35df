// Brings a home up as a process of its own, and kills itself once a certain write is done.
import { readFileSync } from 'node:fs'
import { connect, type Connection } from '@homeslice/cluster'
import { bringUp, type TestHome } from './home.testing.ts'

/** What the process is told, as JSON in a file. */
export type Orders = {
  readonly kubeconfig: string
  readonly home: TestHome
  /** The end of the path of the write after which it dies, without its query. */
  readonly after: string
}

const [, , file = ''] = process.argv
const { kubeconfig, home, after } = JSON.parse(readFileSync(file, 'utf8')) as Orders
const connected = await connect({ kubeconfig })
if (!connected.ok) throw new Error(connected.message)
const { connection } = connected
const mortal: Connection = {
  ...connection,
  call: async (call) => {
    const answer = await connection.call(call)
    const [path = '', query = ''] = call.path.split('?')
    if (call.method !== 'GET' && path.endsWith(after) && !query.includes('dryRun')) process.kill(process.pid, 'SIGKILL')
    return answer
  },
}
const carried = await bringUp(mortal, home)
if (!carried.ok) throw new Error(JSON.stringify(carried))
process.exit(0)
