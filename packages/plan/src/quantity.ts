const multipliers = new Map(
  Object.entries({
    n: 1e-9,
    u: 1e-6,
    m: 1e-3,
    '': 1,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    P: 1e15,
    E: 1e18,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
    Ti: 2 ** 40,
    Pi: 2 ** 50,
    Ei: 2 ** 60,
  }),
)

/** A Kubernetes quantity as a number; nothing for text that is none. */
export const quantity = (text: string): number | undefined => {
  const parts = /^([+-]?[0-9.]+)([eE][+-]?[0-9]+|[numkMGTPE]|[KMGTPE]i)?$/u.exec(text)
  if (parts === null) return undefined
  const [, digits = '', unit = ''] = parts
  const multiplier = multipliers.get(unit)
  const value = multiplier === undefined ? Number(digits + unit) : Number(digits) * multiplier
  return Number.isNaN(value) ? undefined : value
}

/** Where values are quantities, which the server writes in its own way: `1000m` comes back as `1`. */
const holdsQuantities = /(^|\.)(requests|limits|hard|min|max|default|defaultRequest|capacity)\.[^.]+$|\.sizeLimit$/u

/** Whether two plain values mean the same at a path. */
export const sameScalar = (desired: unknown, live: unknown, path: string): boolean => {
  if (desired === live) return true
  if (typeof desired !== 'string' || typeof live !== 'string' || !holdsQuantities.test(path)) return false
  const [a, b] = [quantity(desired), quantity(live)]
  return a !== undefined && b !== undefined && Math.abs(a - b) <= Math.abs(a) * 1e-9
}
