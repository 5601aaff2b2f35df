/** Each 1024 times the one before. */
const units = ['Ki', 'Mi', 'Gi', 'Ti']

/** Bytes of a size such as `64Mi`. */
export const bytesOf = (size: string): number => Number(size.slice(0, -2)) * 1024 ** (units.indexOf(size.slice(-2)) + 1)

/** Thousandths of a core of an amount such as `250m` or `0.5`. */
export const millicoresOf = (cpu: string): number => (cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000)

/** Bytes as people write them: `1.5Gi` would be no whole number, so Mi it is. */
export const sizeOf = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)}Mi`
