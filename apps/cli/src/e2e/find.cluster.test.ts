import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, run, type Running, start, temporaryHome } from '@homeslice/testing'

const text = `version: 1
home: { name: casa, timezone: UTC, domain: casa.test }
devices:
  porch: { kind: kasa, address: 192.0.2.20, mac: "50:C7:BF:00:00:01" }
  lamp: { kind: wemo, address: 192.0.2.33 }
  attic: { kind: sonos, address: 192.0.2.44 }
  far: { kind: kasa, address: 198.51.100.4 }
services: { switches: { use: switches, devices: [porch, lamp, far] } }
`

/** Two machines on a cable, in networks of their own: ours, and a house with its devices. */
describe('devices find, on a LAN', () => {
  const house = `house${process.pid}`
  const ours = `ours${process.pid}`
  const ip = async (...args: readonly string[]): Promise<void> => {
    const done = await run('ip', args)
    if (done.code !== 0) throw new Error(`ip ${args.join(' ')}: ${done.stderr}`)
  }
  const find = async (...words: readonly string[]) => {
    const home = await temporaryHome(text)
    const command = [process.execPath, join(root, 'apps/cli/src/main.ts'), 'devices', 'find', '--file', home, ...words]
    return run('ip', ['netns', 'exec', ours, ...command])
  }
  let devices: Running | undefined
  beforeAll(async () => {
    for (const name of [house, ours]) {
      await ip('netns', 'add', name)
      await ip('-n', name, 'link', 'set', 'lo', 'up')
    }
    await ip('-n', ours, 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'lan0', 'netns', house)
    for (const last of [31, 32, 33, 34]) await ip('-n', house, 'address', 'add', `192.0.2.${last}/24`, 'dev', 'lan0')
    await ip('-n', ours, 'address', 'add', '192.0.2.2/24', 'dev', 'lan0')
    for (const name of [house, ours]) await ip('-n', name, 'link', 'set', 'lan0', 'up')
    await ip('-n', ours, 'link', 'add', 'vpn0', 'type', 'veth', 'peer', 'name', 'vpn0', 'netns', house)
    await ip('-n', ours, 'address', 'add', '10.9.0.2/32', 'dev', 'vpn0')
    // A cable counts only when both of its ends are up.
    for (const name of [house, ours]) await ip('-n', name, 'link', 'set', 'vpn0', 'up')
    const program = join(import.meta.dirname, 'find.testing.ts')
    devices = start('ip', ['netns', 'exec', house, process.execPath, program])
    await devices.shows('devices are there')
  })
  afterAll(async () => {
    devices?.child.kill('SIGTERM')
    await devices?.ended
    for (const name of [house, ours]) await run('ip', ['netns', 'delete', name])
  })

  it('finds them in every network, and compares', async () => {
    const { code, stdout, stderr } = await find()
    expect([code, stderr]).toEqual([1, ''])
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining([
        'porch  moved   porch is at 192.0.2.20 in the file and answers at 192.0.2.31: change address',
        expect.stringMatching(
          /^lamp {3}here {4}wemo Socket "Lamp" at 192\.0\.2\.33 \(mac ec:1a:59:00:00:01\); add mac/u,
        ),
        'attic  gone    nothing answers at 192.0.2.44; is it plugged in?',
        expect.stringMatching(/^far {4}unseen {2}198\.51\.100\.4 is in no network that was searched/u),
        'not in the file: kasa EP10(US) at 192.0.2.32 (mac 50:c7:bf:00:00:02) speaks klap',
        'not in the file: sonos Sonos One "Kitchen" at 192.0.2.34 (mac 94:9f:3e:00:00:01)',
        'looked in lan0 (192.0.2.2/24), for 3 s',
        'could not look in vpn0 (10.9.0.2/32): it leads to one other machine and has no broadcast',
      ]),
    )
  })

  it('says that a firewall of this machine keeps the search in', async () => {
    const rules =
      'add table ip f; add chain ip f o { type filter hook output priority 0; }; add rule ip f o udp dport { 9999, 20002, 1900 } drop'
    const nft = await run('ip', ['netns', 'exec', ours, 'nft', rules])
    expect([nft.code, nft.stderr]).toEqual([0, ''])
    const { stdout } = await find('--seconds', '1')
    await run('ip', ['netns', 'exec', ours, 'nft', 'delete table ip f'])
    expect(stdout).toContain(
      'could not look in lan0 (192.0.2.2/24): a firewall of this machine does not let the search out\n',
    )
  })
})
