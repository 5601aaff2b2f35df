/** One answer that a request can get. */
export type Reply = {
  readonly status: number
  /** A regular expression that every such body matches. @default the body is empty */
  readonly body?: string
  /** When this answer is given. */
  readonly when: string
  /** Headers that come with it and mean something. @default none */
  readonly headers?: Readonly<Record<string, string>>
}

/** One kind of request and every answer to it. The first operation of a service that fits a request is the one that counts. */
export type Operation = {
  /** `any` is every method that no earlier operation of this path names. */
  readonly methods: readonly string[] | 'any'
  /** `{name}` stands for one part of the path; `*` alone is every path. */
  readonly path: string
  /** One line for people. */
  readonly summary: string
  /** What a part of the path can be, where only some words are answered well. @default any text */
  readonly values?: Readonly<Record<string, readonly string[]>>
  readonly replies: readonly Reply[]
}

/** The operation that counts for a request to a public path (one without escapes); nothing where the contract is silent. */
export const operationFor = (
  contract: readonly Operation[],
  { method, path }: { readonly method: string; readonly path: string },
): Operation | undefined =>
  contract.find(
    (operation) =>
      (operation.methods === 'any' || operation.methods.includes(method)) && fits(operation.path, pathOnly(path)),
  )

const pathOnly = (target: string): string => target.replace(/\?.*$/su, '')

const fits = (template: string, path: string): boolean => {
  if (template === '*') return true
  const wanted = template.split('/')
  const parts = path.split('/')
  return wanted.length === parts.length && wanted.every((word, index) => word.startsWith('{') || word === parts[index])
}

/** An operation and its twin: its last slash only makes an empty last part, in whose place anything may stand. */
export const whateverFollows = (operation: Operation): readonly Operation[] => [
  operation,
  {
    ...operation,
    path: `${operation.path}{anything}`,
    summary: `${operation.summary} What follows the last slash is ignored.`,
  },
]

/** What every service answers to a path that cannot be decoded. */
export const malformed: Reply = { status: 400, when: 'the percent-encoding of the path is malformed' }
