import { refused, type Result, type Switch } from '../switch.ts'
import { iotSpeech } from './iot.ts'
import type { Ask, KasaPlace, Wire } from './place.ts'
import { smartSpeech } from './smart.ts'
import { otherSpeech, type Speech } from './speech.ts'
import { createWire } from './wire.ts'

/** A Kasa plug, bulb, dimmer or one outlet of a strip; outlets of one share a wire. What it speaks, and how, it shows by itself. */
export const kasaSwitch = (place: KasaPlace, wire: Wire = createWire()): Switch => {
  const { name, child } = place
  const ask: Ask = (message, deadline) => wire(place, message, deadline)
  let speeches: readonly Speech[] = [iotSpeech(name, child), smartSpeech(name, child)]

  const inItsSpeech = async (
    act: (speech: Speech) => Promise<Result<boolean> | typeof otherSpeech>,
  ): Promise<Result<boolean>> => {
    for (const speech of speeches) {
      const answer = await act(speech)
      if (answer === otherSpeech) continue
      speeches = [speech, ...speeches.filter((other) => other !== speech)]
      return answer
    }
    return refused(`${name} answered in a language that no Kasa switch speaks`, 'nonsense')
  }
  return {
    read: (deadline) => inItsSpeech((speech) => speech.read(ask, deadline)),
    set: (on, deadline) => inItsSpeech((speech) => speech.set(ask, on, deadline)),
  }
}
