const text = (word: string): string => word

/** A flag's value as a whole number of 0 or more. */
export const wholeNumber = (input: string): number => {
  const number = Number(input)
  if (!Number.isSafeInteger(number) || number < 0) throw new SyntaxError(`"${input}" is not a whole number`)
  return number
}

/** A flag's value as a port whose next one is a port too, and that no root is needed for. */
export const portNumber = (input: string): number => {
  const port = wholeNumber(input)
  if (port < 1024 || port > 65_000) throw new SyntaxError(`"${input}" is no port from 1024 to 65000`)
  return port
}

/** `--json`: for every verb that has a result. */
export const jsonFlag = {
  json: { kind: 'boolean', brief: 'Print one JSON document and nothing else', default: false, withNegated: false },
} as const

/** `--file`, `--env` and `--json`: for every verb that reads a home. */
export const homeFlags = {
  file: {
    kind: 'parsed',
    parse: text,
    brief: 'The home file (default: home.yaml)',
    placeholder: 'path',
    optional: true,
  },
  env: { kind: 'parsed', parse: text, brief: 'The environment', placeholder: 'name', default: 'prod' },
  ...jsonFlag,
} as const

/** What `homeFlags` parse to. */
export type HomeFlags = { readonly file?: string; readonly env: string; readonly json: boolean }

/** What a guard stops, by name; a word that allows nothing is wrong usage, lest it is taken for one that does. */
const allowed = (word: string): string => {
  if (/^(data-loss|exposure):[a-z][a-z0-9-]*$/u.test(word)) return word
  throw new SyntaxError(`"${word}" allows nothing: write data-loss:SERVICE or exposure:SERVICE`)
}

/** `--allow GRADE:SUBJECT`, any number of times. */
export const allowFlag = {
  allow: {
    kind: 'parsed',
    parse: allowed,
    brief: 'Allow what a guard stops, by name (data-loss:notes, exposure:web)',
    placeholder: 'grade:subject',
    optional: true,
    variadic: true,
  },
} as const

/** `--log FILE`: the engine's own log, for the report of a problem. */
export const logFlag = {
  log: {
    kind: 'parsed',
    parse: text,
    brief: "Write the engine's own log here, as JSON lines",
    placeholder: 'path',
    optional: true,
  },
} as const

/** `--home NAME` and `--context NAME`: for verbs that can do without a file. */
export const withoutFileFlags = {
  home: {
    kind: 'parsed',
    parse: text,
    brief: 'The name of the home, where its file cannot be read',
    placeholder: 'name',
    optional: true,
  },
  context: {
    kind: 'parsed',
    parse: text,
    brief: 'With --home: a context of your kubeconfig (default: the sandbox)',
    placeholder: 'name',
    optional: true,
  },
} as const

/** `--deadline SECONDS`: for verbs that wait until services are ready. */
export const deadlineFlag = {
  deadline: {
    kind: 'parsed',
    parse: (input: string): number => wholeNumber(input),
    brief: 'Seconds a service may take to become ready',
    placeholder: 'seconds',
    default: '120',
  },
} as const

/** `--yes`: for verbs that ask first. */
export const yesFlag = {
  yes: { kind: 'boolean', brief: 'Do not ask', default: false, withNegated: false },
} as const

/** The optional `FILE` after `check` and `render`. */
export const filePositional = {
  kind: 'tuple',
  parameters: [{ brief: 'The home file', parse: text, placeholder: 'file', optional: true }],
} as const

/** The word that may come after a verb, such as a service's name. */
export const maybePositional = <Placeholder extends string>(placeholder: Placeholder, brief: string) =>
  ({ kind: 'tuple', parameters: [{ brief, parse: text, placeholder, optional: true }] }) as const

/** The one word after a verb, such as a service's name. */
export const onePositional = <Placeholder extends string>(placeholder: Placeholder, brief: string) =>
  ({ kind: 'tuple', parameters: [{ brief, parse: text, placeholder }] }) as const
