import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DeviceStep, RequestStep, Row } from './row.ts'

/** Where rows are sent, and how devices are told what to do. */
export type Target = {
  readonly host: string
  readonly port: number
  /** A socket on disk to send to, instead of host and port. */
  readonly socket?: string
  /** @default host:port */
  readonly authority?: string
  readonly device: (step: DeviceStep) => Promise<void>
  readonly stateOf: (device: DeviceStep['device']) => Promise<boolean>
}

type Answer = {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  readonly milliseconds: number
}

/** Sends a row and says everything that is not as it says; nothing if all is. */
export const checkRow = async (target: Target, row: Row): Promise<string[]> => {
  const id = `c${randomUUID().slice(0, 8)}`
  const fill = <Step extends { readonly path: string }>(step: Step): Step => ({
    ...step,
    path: step.path.replaceAll('{id}', id),
  })
  for (const step of row.given ?? []) {
    if ('device' in step) await prepare(target, step)
    else await send(target, fill<RequestStep>(step))
  }
  const wrong = differences(await send(target, fill(row)), row)
  const { leaves } = row
  if (leaves !== undefined && !(await becomes(target, leaves.device, leaves.on)))
    wrong.push(`${leaves.device} is ${leaves.on ? 'off' : 'on'}`)
  return wrong
}

const prepare = async (target: Target, step: DeviceStep): Promise<void> => {
  await target.device(step)
  if (step.until !== undefined) await becomes(target, step.device, step.until)
}

/** Whether a device is so, or becomes it within 5 s. */
const becomes = async (target: Target, device: DeviceStep['device'], on: boolean): Promise<boolean> => {
  const end = performance.now() + 5000
  while ((await target.stateOf(device)) !== on) {
    if (performance.now() > end) return false
    await sleep(50)
  }
  return true
}

const differences = (answer: Answer, { status, says = '', has = {}, withinMilliseconds = 2500 }: Row): string[] => {
  const wrong: string[] = []
  if (answer.status !== status) wrong.push(`status ${answer.status}, not ${status}`)
  if (typeof says === 'string' ? answer.body !== says : !says.test(answer.body))
    wrong.push(`says ${JSON.stringify(answer.body)}, not ${says.toString()}`)
  for (const [name, pattern] of Object.entries(has)) {
    const value = answer.headers.get(name)
    if (pattern === undefined ? value !== undefined : !pattern.test(value ?? '')) wrong.push(`header ${name}: ${value}`)
  }
  if (answer.milliseconds > withinMilliseconds)
    wrong.push(`answered after ${Math.round(answer.milliseconds)} ms, not within ${withinMilliseconds}`)
  return wrong
}

type Sent = RequestStep & { readonly headers?: Readonly<Record<string, string>>; readonly body?: string }

/** A request as bytes on a socket: no client tidies its path. */
const send = (target: Target, { method, path, headers = {}, body = '' }: Sent): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { host, port, authority } = target
    const started = performance.now()
    let first = 0
    const chunks: Buffer[] = []
    const socket = target.socket === undefined ? connect(target.port, target.host) : connect(target.socket)
    const lines = [
      `${method} ${path} HTTP/1.1`,
      `Host: ${authority ?? `${host}:${port}`}`,
      'Connection: close',
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      ...(body === '' && method !== 'POST' && method !== 'PUT' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ]
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer to ${method} ${path} within 10 s`)))
    socket.on('data', (chunk) => {
      if (first === 0) first = performance.now()
      chunks.push(chunk)
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(parse(Buffer.concat(chunks).toString('utf8'), first - started)))
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
  })

const parse = (text: string, milliseconds: number): Answer => {
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  return { status: Number(first.split(' ')[1]), headers, body: text.slice(end + 4), milliseconds }
}
