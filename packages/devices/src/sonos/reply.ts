import { mapResult, refused, type Result } from '../switch.ts'
import type { Reply } from './soap.ts'

/** Reads one value of a reply. */
export type Reader<Value> = (key: string) => (reply: Reply) => Result<Value>

/** Readers of what a speaker of this name replies; what is missing or no such value is refused with its name. */
export const readers = (
  name: string,
): { readonly word: Reader<string>; readonly number: Reader<number>; readonly truth: Reader<boolean> } => {
  const word: Reader<string> = (key) => (reply) => {
    const value = reply.get(key)
    return value === undefined ? refused(`${name} answered without ${key}`) : { ok: true, value }
  }
  return {
    word,
    number: (key) => (reply) =>
      mapResult<string, number>(word(key)(reply), (value) =>
        /^-?\d{1,9}$/u.test(value)
          ? { ok: true, value: Number(value) }
          : refused(`${name} answered a ${key} that is none`),
      ),
    truth: (key) => (reply) =>
      mapResult<string, boolean>(word(key)(reply), (value) => ({
        ok: true,
        value: value === '1' || value.toLowerCase() === 'true',
      })),
  }
}
