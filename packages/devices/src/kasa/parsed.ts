import { refused, type Result } from '../switch.ts'

/** What a device said, out of JSON. */
export const parsed = (name: string, text: string): Result => {
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch {
    return refused(`${name} answered something that is no JSON`, 'nonsense')
  }
}
