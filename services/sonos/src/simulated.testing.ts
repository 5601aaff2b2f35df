import { type Fault, type SonosHousehold, type SonosSimulator, startSonosHousehold } from '@homeslice/simulators'
import type { DeviceStep, Target } from '@homeslice/testing/contract'

/** The speakers of the contract's rows: `den` leads, the other follows. */
export type SimulatedSpeakers = Pick<Target, 'device' | 'stateOf'> & {
  readonly den: SonosSimulator
  readonly other: SonosSimulator
  readonly stop: SonosHousehold['stop']
}

/** Starts two speakers on these loopback addresses, with their usual port. */
export const startSpeakers = async (addresses: {
  readonly den: string
  readonly other: string
}): Promise<SimulatedSpeakers> => {
  const { speakers, stop } = await startSonosHousehold([
    { name: 'Den', host: addresses.den },
    { name: 'Other', host: addresses.other },
  ])
  const [den, other] = speakers as [SonosSimulator, SonosSimulator]
  return {
    den,
    other,
    stop,
    device: async ({ fault, on }: DeviceStep) => {
      if (fault !== undefined) await den.setFault(fault as Fault)
      if (on !== undefined) den.setOn(on)
    },
    stateOf: () => Promise.resolve(den.state().on),
  }
}

/** What the rows ask for, as the file that the service reads; JSON is YAML. */
export const configText = (addresses: { readonly den: string; readonly others: readonly string[] }): string =>
  JSON.stringify({
    kind: 'gosonos/v1',
    coordinator: addresses.den,
    players: addresses.others,
    playlists: [
      { id: 'Dinner', kind: 'x', name: 'Dinner', share_link: 'https://music.apple.com/us/playlist/dinner/pl.one?l=en' },
    ],
    stations: [
      { id: 'groove', name: 'Groove Salad', uri: 'https://radio.example/groove?a=1&b=2', volume: 31 },
      { id: 'words', name: 'Words', uri: 'https://radio.example/words', status_words: true },
    ],
  })
