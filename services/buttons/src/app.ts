import { type Answer, empty, type Handler, text } from '@homeslice/service-kit'
import type { Clock } from './clock.ts'
import type { Memory, State } from './memory.ts'

/** What buttons need to answer. */
export type ButtonsDeps = { readonly memory: Memory; readonly clock: Clock }

const isState = (word: string | undefined): word is State => word === 'on' || word === 'off'

/**
 * `POST /api/v0/buttons/ID/on/` presses a button; a `GET` of its path tells the last press. Only the number of parts
 * and the places of id and operation count; an unknown button is 400 by contract.
 */
export const createButtons = ({ memory, clock }: ButtonsDeps): Handler => {
  const press = (parts: readonly string[]): Answer => {
    const [, , , , id = '', operation] = parts
    if (parts.length !== 7 || !isState(operation)) return empty(400)
    memory.press(id, operation)
    return text('OK')
  }
  const look = async (parts: readonly string[]): Promise<Answer> => {
    const [, , , kind, id = ''] = parts
    const state = parts.length === 6 ? memory.look(id) : undefined
    if (state === undefined) return empty(400)
    if (kind !== 'buttontimes') return text(`${state.toUpperCase()}\n`)
    const time = await clock()
    return time === undefined ? empty(500) : text(`${state.toUpperCase()}:${time}\n`)
  }
  return ({ method, parts }) => (method === 'POST' ? press(parts) : look(parts))
}
