/** What a handler answers: a status, perhaps text, perhaps headers. No body means an empty one. */
export type Answer = {
  readonly status: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** 200 with plain text, exactly as given. */
export const text = (body: string): Answer => ({ status: 200, body })

/** A status with an empty body: error text on a status route could be read as a state. */
export const empty = (status: number, headers: Readonly<Record<string, string>> = {}): Answer => ({ status, headers })
