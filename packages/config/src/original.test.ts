import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dump, load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { catalog } from '@homeslice/catalog'
import { parseHome } from './parse.ts'

const path = join(import.meta.dirname, '../../../home/original.yaml')
const text = readFileSync(path, 'utf8')

type Service = { use: string; needs?: string[]; devices?: string[] }
type Written = { devices: Record<string, object>; services: Record<string, Service> }

/** The file without what the catalog does not have: its services, and the devices that only they drive. */
const known = (): string => {
  const home = load(text) as Written
  const services = Object.fromEntries(
    Object.entries(home.services)
      .filter(([, { use }]) => catalog.has(use))
      .map(([name, service]) => [name, { ...service, needs: (service.needs ?? []).filter(isThere(home)) }]),
  )
  const driven = new Set(Object.values(services).flatMap(({ devices = [] }) => devices))
  const devices = Object.fromEntries(Object.entries(home.devices).filter(([name]) => driven.has(name)))
  return dump({ ...home, devices, services })
}
const isThere =
  ({ services }: Written) =>
  (name: string): boolean =>
    catalog.has(services[name]?.use ?? '')

const isWhole = Object.values((load(text) as Written).services).every(({ use }) => catalog.has(use))

describe('the original as a home file', () => {
  it('has all its nine services', () => {
    expect(Object.values((load(text) as Written).services).map(({ use }) => use)).toEqual([
      'clocktime',
      'buttons',
      'switches',
      'sonos',
      'lmz',
      'chime',
      'backup-todoist',
      'backup-unifi',
      'homebridge',
    ])
  })

  it('is right as it stands, as far as the catalog goes', () => {
    const read = parseHome(isWhole ? text : known(), path)
    expect(read.ok ? [] : read.problems).toEqual([])
  })

  it('holds nothing of the house that it was written for', () => {
    const addresses = text.match(/\b\d+\.\d+\.\d+\.\d+\b/gu) ?? []
    expect(addresses.filter((address) => !address.startsWith('192.0.2.'))).toEqual([])
    expect(text).not.toMatch(/PRIVATE KEY|localdomain|Los_Angeles/u)
  })
})
