import { refused, type Result } from '../switch.ts'

/** The two actions that a switch needs. */
export type Action = 'SetBinaryState' | 'GetBinaryState'

const service = 'urn:Belkin:service:basicevent:1'

/** The header that names an action, quotes and all. */
export const actionHeader = (action: Action): string => `"${service}#${action}"`

/** The envelope of a call; asking for the state sends it empty. */
export const envelope = (action: Action, state: '' | '0' | '1'): string =>
  [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"',
    ' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>',
    `<u:${action} xmlns:u="${service}"><BinaryState>${state}</BinaryState></u:${action}>`,
    '</s:Body></s:Envelope>',
  ].join('')

/** What a device said of its state; `Error` is what it answers when asked for the state that it already has. */
export type Said = { readonly on: boolean } | 'error'

/** Reads an answer. "0" is off, any other number is on: 8 is an Insight plug that idles. */
export const parseState = (name: string, body: string): Result<Said> => {
  const found = between(body, '<BinaryState>', '</BinaryState>')?.trim()
  if (found === undefined)
    return refused(
      `${name} answered without a state, as no Wemo device does: set its address if it has changed`,
      'stranger',
    )
  if (found === 'Error') return { ok: true, value: 'error' }
  if (!/^\d+(\|-?[\d.]*)*$/u.test(found)) return refused(`${name} answered with a state that is none`, 'nonsense')
  return { ok: true, value: { on: Number.parseInt(found, 10) !== 0 } }
}

/** By searching, not by a pattern: a hostile answer must not be able to make a pattern slow. */
const between = (text: string, open: string, close: string): string | undefined => {
  const start = text.indexOf(open)
  const end = start < 0 ? -1 : text.indexOf(close, start)
  return end < 0 ? undefined : text.slice(start + open.length, end)
}
