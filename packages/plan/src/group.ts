/** An object of keys and values, as JSON has them. */
export const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A group at a key, or an empty one. */
export const groupAt = (value: unknown, key: string): Readonly<Record<string, unknown>> => {
  const found = isGroup(value) ? value[key] : undefined
  return isGroup(found) ? found : {}
}
