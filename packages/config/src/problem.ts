/** One thing that is wrong with a home file, or worth knowing: where, what, and what to do. */
export type Problem = {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** Dotted, such as `services.switches.devices.0`; empty for the file itself. */
  readonly path: string
  readonly message: string
  readonly fix?: string
}

/** A path into the home file. */
export type Path = readonly (string | number)[]

/** A problem before its place is looked up. */
export type Finding = { readonly path: Path; readonly message: string; readonly fix?: string; readonly warning?: true }

/** Finds where a path stands in the file, or where its nearest parent does. */
export type Locate = (path: Path) => { readonly line: number; readonly column: number }

/** A finding with its place. */
export const problemAt = (file: string, locate: Locate, { path, message, fix }: Finding): Problem => ({
  file,
  ...locate(path),
  path: path.join('.'),
  message,
  ...(fix === undefined ? {} : { fix }),
})

/** In the order of the file, each once. */
export const inOrder = (problems: readonly Problem[]): Problem[] => {
  const seen = new Map(problems.map((problem) => [`${problem.path}\n${problem.message}`, problem]))
  return [...seen.values()].toSorted((a, b) => a.line - b.line || a.column - b.column)
}
