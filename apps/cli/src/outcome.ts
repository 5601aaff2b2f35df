import { styleText } from 'node:util'
import type { Context, Stream } from './context.ts'

/** 0 done, 1 failed, 2 usage or invalid home file, 3 refused by a guard, 4 cluster unreachable, 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130

/** What went wrong, where (when a file caused it), and what to do about it. */
export type Failure = {
  readonly message: string
  readonly fix?: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** What a verb ends with: the same result for tools (`document`) and for people (`text`). */
export type Outcome<Document extends object = object> = {
  readonly exit: ExitCode
  readonly document: Document
  readonly text: string
  readonly error?: Failure
}

/** The end of a verb that could not do its work. */
export const failed = <Document extends object>(
  exit: ExitCode,
  error: Failure,
  document: Document,
): Outcome<Document> => ({
  exit,
  document,
  text: '',
  error,
})

/** A failure in words: what happened and where on one line, what to do on the next. */
export const wordsOf = ({ message, fix, file, line, column }: Failure): string => {
  const place = [file, line, column].filter((part) => part !== undefined).join(':')
  return [place === '' ? message : `${place}: ${message}`, ...(fix === undefined ? [] : [`  ${fix}`])].join('\n')
}

/** Colours text where a person reads it on a terminal and has not asked for none. */
export const paint = (stream: Stream, style: Parameters<typeof styleText>[0], text: string): string =>
  stream.isTTY === true && process.env.NO_COLOR === undefined ? styleText(style, text, { validateStream: false }) : text

/** Prints an outcome: one JSON document and nothing else, or text with its error on standard error. */
export const present = ({ process: { stdout, stderr } }: Context, outcome: Outcome, json: boolean): void => {
  const { document, text, error } = outcome
  if (json) {
    stdout.write(`${JSON.stringify(error === undefined ? document : { ...document, error }, undefined, 2)}\n`)
    return
  }
  if (text !== '') stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  if (error !== undefined) stderr.write(`${paint(stderr, 'red', 'homeslice:')} ${wordsOf(error)}\n`)
}
