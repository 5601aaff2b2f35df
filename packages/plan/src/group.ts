/** An object of keys and values, as JSON has them. */
export type Group = Readonly<Record<string, unknown>>

/** Whether a value is such an object. */
export const isGroup = (value: unknown): value is Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at a path of keys; nothing where the path ends early. */
export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((one, key) => (isGroup(one) ? one[key] : undefined), value)

/** A group at a key, or an empty one. */
export const groupAt = (value: unknown, ...path: readonly string[]): Group => {
  const found = at(value, ...path)
  return isGroup(found) ? found : {}
}

/** The groups in a list at a path. */
export const groupsAt = (value: unknown, ...path: readonly string[]): Group[] => {
  const list = at(value, ...path)
  return Array.isArray(list) ? list.filter(isGroup) : []
}

/** The number at a path, or 0. */
export const numberAt = (value: unknown, ...path: readonly string[]): number => Number(at(value, ...path) ?? 0)

/** The text at a path, or an empty one. */
export const textAt = (value: unknown, ...path: readonly string[]): string => {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : ''
}

/** The texts in a list at a path. */
export const textsAt = (value: unknown, ...path: readonly string[]): string[] => {
  const list = at(value, ...path)
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : []
}
