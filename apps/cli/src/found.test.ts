import type { Device } from '@homeslice/config'
import type { Found } from '@homeslice/devices'
import { describe, expect, it } from 'vitest'
import { compare } from './found.ts'

const porch: Device = { name: 'porch', kind: 'kasa', address: '192.0.2.20', simulate: false }
const mac = '50:c7:bf:00:00:01'
const plug: Found = { kind: 'kasa', address: '192.0.2.20', mac, name: 'Porch', model: 'HS100(US)' }
const networks = [{ name: 'eth0', address: '192.0.2.2', bits: 24, all: '192.0.2.255' }]

describe('a device of the home file is', () => {
  const cases: readonly [string, Device, Found[], string, string | RegExp][] = [
    ['here', { ...porch, mac }, [plug], 'here', `kasa HS100(US) "Porch" at 192.0.2.20 (mac ${mac})`],
    ['here, in capitals', { ...porch, mac: mac.toUpperCase() }, [plug], 'here', /^kasa/u],
    ['here, and could be found again', porch, [plug], 'here', /; add mac: 50:c7:bf:00:00:01, and it is found again/u],
    [
      'here, without a mac of its own',
      { ...porch, mac },
      [{ kind: 'kasa', address: '192.0.2.20' }],
      'here',
      /^kasa at/u,
    ],
    [
      'moved',
      { ...porch, mac },
      [{ ...plug, address: '192.0.2.31' }],
      'moved',
      'porch is at 192.0.2.20 in the file and answers at 192.0.2.31: change address',
    ],
    ['another kind', porch, [{ ...plug, kind: 'wemo' }], 'differs', /^at 192\.0\.2\.20 answers no kasa but a wemo/u],
    [
      'another of its kind',
      { ...porch, mac: '50:c7:bf:00:00:99' },
      [plug],
      'differs',
      `at 192.0.2.20 answers another than porch: its mac is ${mac}, in the file stands 50:c7:bf:00:00:99`,
    ],
    ['gone', porch, [], 'gone', 'nothing answers at 192.0.2.20; is it plugged in?'],
    [
      'gone, with a namesake',
      porch,
      [{ ...plug, address: '192.0.2.31' }],
      'gone',
      'nothing answers at 192.0.2.20, and a kasa that calls itself "Porch" answers at 192.0.2.31: if that is it, change address',
    ],
    [
      'gone, with two of them',
      porch,
      [
        { ...plug, address: '192.0.2.31' },
        { ...plug, address: '192.0.2.32' },
      ],
      'gone',
      /is it plugged in/u,
    ],
    ['simulated', { ...porch, simulate: true }, [], 'simulated', 'a simulator stands in for it'],
    ['elsewhere', { ...porch, address: '198.51.100.7' }, [], 'unseen', /198\.51\.100\.7 is in no network that was/u],
    ['behind a cloud', { name: 'kettle', kind: 'lamarzocco', simulate: false }, [], 'unseen', /by the maker's cloud/u],
  ]
  it.each(cases)('%s', (...[, device, found, verdict, words]) => {
    const [one] = compare([device], { found, networks, blind: [] }).devices
    expect(one?.verdict).toBe(verdict)
    expect(one?.words).toMatch(words)
  })
})

describe('a device that is not in the file', () => {
  it.each<[Found, string]>([
    [plug, `porch: { kind: kasa, address: 192.0.2.20, mac: "${mac}" }`],
    [{ kind: 'sonos', address: '192.0.2.44' }, 'sonos-44: { kind: sonos, address: 192.0.2.44 }'],
    [
      { kind: 'wemo', address: '192.0.2.45', name: '2 Lamps, hall!' },
      'lamps-hall: { kind: wemo, address: 192.0.2.45 }',
    ],
    [{ kind: 'wemo', address: '192.0.2.46', name: '灯' }, 'wemo-46: { kind: wemo, address: 192.0.2.46 }'],
  ])('%j comes with a line for it', (found, line) => {
    expect(compare([], { found: [found], networks, blind: [] }).others).toMatchObject([{ found, line }])
  })

  it('says what it speaks', () => {
    const [other] = compare([], { found: [{ ...plug, speaks: 'klap' }], networks, blind: [] }).others
    expect(other?.words).toBe(`kasa HS100(US) "Porch" at 192.0.2.20 (mac ${mac}) speaks klap`)
  })
})
