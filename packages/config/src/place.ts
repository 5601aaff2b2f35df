import type { Locate, Path } from './problem.ts'

/** A line and a column of the home file, from 1. */
export type Place = ReturnType<Locate>

/**
 * Where the file says something for an environment, or where its nearest parent stands: in the environment's own part if
 * the key stands there, else in the part for all. Nothing where the file has neither, such as for a service that left.
 */
export const placeIn = (locate: Locate, env: string, path: Path): Place | undefined => {
  const own = ['environments', env, ...path]
  // A service's key, such as its routes; below that, values are replaced or merged as a whole.
  if (stands(locate, own.slice(0, 5))) return locate(own)
  return stands(locate, path.slice(0, 2)) ? locate(path) : undefined
}

/** Whether a key itself stands in the file: else it is found where its parent is. */
const stands = (locate: Locate, path: Path): boolean => {
  const [own, parent] = [locate(path), locate(path.slice(0, -1))]
  return own.line !== parent.line || own.column !== parent.column
}
