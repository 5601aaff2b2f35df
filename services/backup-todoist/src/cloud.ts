import { setTimeout as sleep } from 'node:timers/promises'

/** Todoist's API, and how patiently it is asked. */
export type Cloud = {
  readonly baseUrl: string
  readonly token: string
  readonly signal: AbortSignal
  /** How long one answer may take, in milliseconds. @default 30 s */
  readonly within?: number
  /** Pauses before another try, in milliseconds. @default a second, then five */
  readonly pauses?: readonly number[]
}

/** What the API answered, or why there is no answer, in a sentence. */
export type Answered<Value> = { readonly ok: true; readonly value: Value } | Unanswered

/** No answer that helps. */
export type Unanswered = { readonly ok: false; readonly message: string }

/** One call: a path below `/api/v1/`, and a form for those that are posted. */
export type Call = {
  readonly path: string
  readonly form?: Readonly<Record<string, string>>
  /** Whether asking twice does the same as asking once. @default true */
  readonly repeatable?: boolean
}

/** More than any answer that fits into our memory. */
const mostBytes = 16 << 20

/** The longest pause that the API may ask for, in milliseconds. */
const longestPause = 60_000

type Tried = Answered<unknown> & { readonly again?: boolean; readonly pause?: number }

/** Asks the API and gives what its JSON says; tries again where that can help. */
export const ask = async (cloud: Cloud, call: Call): Promise<Answered<unknown>> => {
  const { pauses = [1000, 5000], signal } = cloud
  for (let tried = 0; ; tried += 1) {
    const { again = false, pause, ...answer } = await askOnce(cloud, call)
    const next = pauses[tried]
    if (answer.ok || !again || next === undefined || signal.aborted) return answer
    await sleep(Math.max(next, pause ?? 0), undefined, { signal }).catch(() => undefined)
  }
}

const askOnce = async (cloud: Cloud, { path, form, repeatable = true }: Call): Promise<Tried> => {
  const within = cloud.within ?? 30_000
  const limit = AbortSignal.timeout(within)
  try {
    const response = await fetch(new URL(`/api/v1/${path}`, cloud.baseUrl), {
      method: form === undefined ? 'GET' : 'POST',
      headers: { Authorization: `Bearer ${cloud.token}`, Accept: 'application/json' },
      // Another address is not asked with the token.
      redirect: 'manual',
      signal: AbortSignal.any([cloud.signal, limit]),
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    })
    const text = await textOf(response)
    if (response.status !== 200) return refused(response, repeatable)
    if (text === undefined)
      return nothing(`Todoist answered more than ${mostBytes >> 20} MiB to ${path}; that is none of its answers`)
    const value = parsed(text)
    if (value !== undefined) return { ok: true, value }
    return nothing('Todoist answered 200 with what is no JSON; perhaps a proxy or a sign-in page stands between')
  } catch (error) {
    if (cloud.signal.aborted) return nothing(`told to end by ${String(cloud.signal.reason)}`)
    if (limit.aborted) return { ...nothing(`Todoist did not answer within ${within / 1000} s`), again: repeatable }
    return { ...nothing(`Todoist cannot be reached at ${cloud.baseUrl}: ${reasonOf(error)}`), again: repeatable }
  }
}

const nothing = (message: string): Unanswered => ({ ok: false, message })

const advice: Readonly<Record<number, string>> = {
  401: 'it does not take the token; make a new one under Settings > Integrations > Developer, and put it into TODOIST_TOKEN',
  403: 'this token may not do that; make a new one under Settings > Integrations > Developer',
  410: 'this way of asking is closed for good; take a newer version of this program',
  429: 'it has been asked too often; try again in a quarter of an hour',
}

const refused = ({ status, headers }: Response, repeatable: boolean): Tried => {
  const pause = Math.min(1000 * Number(headers.get('retry-after') ?? 0) || 0, longestPause)
  const trouble = status >= 500
  const words = advice[status] ?? (trouble ? 'it is in trouble; try again later' : 'that is not as it was agreed')
  // What was refused for its number was not done.
  return { ...nothing(`Todoist answered ${status}: ${words}`), again: status === 429 || (trouble && repeatable), pause }
}

/** The text of an answer; nothing where it does not end in time. */
const textOf = async (response: Response): Promise<string | undefined> => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > mostBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** fetch hides what happened behind "fetch failed". */
const reasonOf = (error: unknown): string => {
  const { message, cause } = error as Error
  const { code, message: deeper } = (cause ?? {}) as { readonly code?: string; readonly message?: string }
  return code ?? deeper ?? message
}
