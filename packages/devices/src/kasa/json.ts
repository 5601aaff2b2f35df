/** A JSON object. */
export type Group = Readonly<Record<string, unknown>>

/** The value where it is an object. */
const group = (value: unknown): Group | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Group) : undefined

/** What stands at a path, if anything does. */
export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((one, key) => group(one)?.[key], value)

/** The objects of a list; nothing that is no list. */
export const groupsOf = (value: unknown): readonly Group[] =>
  Array.isArray(value) ? value.map(group).filter((one) => one !== undefined) : []
