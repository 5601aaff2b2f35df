import { spawn } from 'node:child_process'
import { run } from './command.ts'

/** A web server that stands for a device of the LAN: beside this machine, in a network namespace of its own. */
export type Device = { readonly url: string; readonly remove: () => Promise<void> }

const script = (address: string, port: number): string =>
  `require('node:http').createServer((_, response) => response.end('device')).listen(${port}, '${address}', () => console.log('up'))`

/** Starts a device for a test: this machine gets an interface that leads to it, until it is removed. */
export const startDevice = async ({ address, port }: { address: string; port: number }): Promise<Device> => {
  const name = `hsd${process.pid}`
  const host = `${name}h`
  await must('ip', 'netns', 'add', name)
  await must('ip', 'link', 'add', host, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
  await must('ip', 'link', 'set', host, 'up')
  await must('ip', 'address', 'add', address.replace(/\d+$/, '1/24'), 'dev', host)
  await must('ip', '-n', name, 'link', 'set', 'lo', 'up')
  await must('ip', '-n', name, 'link', 'set', 'eth0', 'up')
  await must('ip', '-n', name, 'address', 'add', `${address}/24`, 'dev', 'eth0')
  const server = spawn('ip', ['netns', 'exec', name, process.execPath, '-e', script(address, port)], { stdio: 'pipe' })
  await new Promise((resolve) => server.stdout.once('data', resolve))
  return {
    url: `http://${address}:${port}/`,
    remove: async () => {
      server.kill()
      await run(['ip', 'link', 'delete', host])
      await run(['ip', 'netns', 'delete', name])
    },
  }
}

const must = async (...command: string[]) => {
  const done = await run(command)
  if (done.code !== 0) throw new Error(`${command.join(' ')}: ${done.stderr}`)
}
