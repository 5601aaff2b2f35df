const units: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 }

/** Bytes of a size such as `64Mi`. */
export const bytesOf = (size: string): number => Number(size.slice(0, -2)) * (units[size.slice(-2)] ?? Number.NaN)

/** Thousandths of a core of an amount such as `250m` or `0.5`. */
export const millicoresOf = (cpu: string): number => (cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000)

/** Bytes as people write them: `1.5Gi` would be no whole number, so Mi it is. */
export const sizeOf = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)}Mi`
