import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { homebridge, type HouseDevice, type Needed } from '@homeslice/catalog'
import { homebridgeInOneFile } from '@homeslice/images'
import { startKasa, startWemo, type Fault, type Simulator } from '@homeslice/simulators'
import { bundled, freePort, type Program, startProgram } from '@homeslice/testing'
import { type AppleHome, appleHome } from './homekit.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-homebridge-'))
let volume = join(folder, 'volume')
const addresses = { porch: '127.0.12.1', lamp: '127.0.12.2' }
/** HomeKit shows "No Response" for it. */
const noResponse = -70402
/** HomeKit gives up then, whatever comes later. In milliseconds. */
const patience = 9000

const bundle = (name: string): Promise<string> => {
  const place = join(folder, name)
  mkdirSync(place)
  return bundled(`services/${name}/src/main.ts`, place, [homebridgeInOneFile])
}

const shown = (name: string): HouseDevice => ({ name, kind: 'kasa', address: '', simulate: true })

const needed = (name: string, port: number, devices: readonly string[] = []): Needed => ({
  name,
  entry: name,
  settings: {},
  devices: devices.map(shown),
  url: `http://127.0.0.1:${port}`,
})

/** The file that the catalog wires, bound to this machine. */
const writeConfig = (needs: readonly Needed[], settings: object): string => {
  const path = join(folder, 'wanted.json')
  const chosen = homebridge.settings.parse({ bridge: 'Casa', bind: ['127.0.0.1'], buttons: ['guests'], ...settings })
  const house = { timezone: 'UTC', devices: [], url: '', urlOf: () => '', needs, simulate: true, clouds: {} }
  const [config] = Object.values(homebridge.wire(chosen, house).files)
  if (typeof config !== 'string') throw new Error('the catalog wires no file')
  writeFileSync(path, config)
  return path
}

const identity = (): { username: string; pin: string; port: number } =>
  (JSON.parse(readFileSync(join(volume, 'config.json'), 'utf8')) as { bridge: ReturnType<typeof identity> }).bridge

describe('a house in HomeKit', { timeout: 60_000 }, () => {
  let porch: Simulator
  let lamp: Simulator
  let programs: Program[] = []
  let needs: readonly Needed[] = []
  let homebridgeBundle = ''
  let hapPort = 0
  let bridge: Program
  let home: AppleHome
  const start = (config: string): Promise<Program> =>
    startProgram(homebridgeBundle, [config], { HOMEBRIDGE_FOLDER: volume })
  const end = async (program: Program): Promise<void> => {
    program.child.kill('SIGTERM')
    expect((await program.ended).code).toBe(0)
  }

  beforeAll(async () => {
    mkdirSync(volume)
    porch = await startKasa({ name: 'porch', host: addresses.porch })
    lamp = await startWemo({ name: 'lamp', host: addresses.lamp })
    writeFileSync(
      join(folder, 'switches.json'),
      JSON.stringify([
        { id: 'porch', kind: 'kasa/v1', address: addresses.porch },
        { id: 'lamp', kind: 'wemo/v1', address: addresses.lamp },
      ]),
    )
    const switches = await startProgram(await bundle('switches'), [join(folder, 'switches.json')], {})
    const buttons = await startProgram(await bundle('buttons'), [], { CLOCKTIME_URL: 'http://127.0.0.1:1' })
    programs = [switches, buttons]
    needs = [needed('switches', switches.port, ['porch', 'lamp']), needed('buttons', buttons.port)]
    homebridgeBundle = await bundle('homebridge')
    hapPort = await freePort()
    bridge = await start(writeConfig(needs, { port: hapPort }))
    home = await appleHome(identity())
  }, 120_000)
  afterAll(async () => {
    for (const program of [...programs, bridge]) await end(program)
    await Promise.all([porch.stop(), lamp.stop()])
    rmSync(folder, { recursive: true })
  })
  const device = (name: string): Simulator => (name === 'Porch' ? porch : lamp)
  const reset = async (name: string, fault: Fault, on: boolean): Promise<void> => {
    device(name).setOn(on)
    await device(name).setFault(fault)
  }

  it('shows each device and button by its name', () => {
    expect([...home.ids.keys()]).toEqual(['Porch', 'Lamp', 'Guests'])
  })

  describe.each(['Porch', 'Lamp'])('%s', (name) => {
    it.each([true, false])('is turned: %s', async (on) => {
      await reset(name, 'none', !on)
      expect(await home.turn(name, on)).toMatchObject({ status: 0 })
      expect(device(name).state().on).toBe(on)
    })

    it.each([true, false])('is read: %s', async (on) => {
      await reset(name, 'none', on)
      expect(await home.read(name)).toMatchObject({ status: 0, value: on })
    })

    it('is waited for when it is slow', async () => {
      await reset(name, 'slow', true)
      const [read, turned] = [await home.read(name), await home.turn(name, false)]
      expect(read).toMatchObject({ status: 0, value: true })
      expect(turned).toMatchObject({ status: 0 })
      expect(device(name).state().on).toBe(false)
      for (const { milliseconds } of [read, turned]) expect(milliseconds).toBeLessThan(patience)
      await reset(name, 'none', false)
    })

    it('is not held up by a dead neighbour', async () => {
      const other = name === 'Porch' ? 'Lamp' : 'Porch'
      await reset(other, 'silent', true)
      await reset(name, 'none', true)
      const [own, dead] = await Promise.all([home.read(name), home.read(other)])
      expect(own).toMatchObject({ status: 0, value: true })
      expect(dead.status).toBe(noResponse)
      await reset(other, 'none', true)
    })
  })

  it.each<Fault>(['refuse', 'silent', 'garbage', 'vanish', 'dribble', 'huge'])(
    'shows a dead device as not responding, and well again afterwards: %s',
    async (fault) => {
      const through = async (name: string): Promise<void> => {
        await reset(name, fault, true)
        for (const answer of [await home.read(name), await home.turn(name, false)]) {
          expect(answer.status).toBe(noResponse)
          expect(answer.milliseconds).toBeLessThan(patience)
        }
        await reset(name, 'none', true)
        expect(await home.read(name)).toMatchObject({ status: 0, value: true })
      }
      await Promise.all(['Porch', 'Lamp'].map(through))
    },
  )

  it('remembers a button', async () => {
    expect(await home.read('Guests')).toMatchObject({ status: 0, value: false })
    for (const on of [true, false]) {
      expect(await home.turn('Guests', on)).toMatchObject({ status: 0 })
      expect(await home.read('Guests')).toMatchObject({ status: 0, value: on })
    }
  })

  it('tells people what it does', async () => {
    await home.read('Lamp')
    const page = await (await fetch(`http://127.0.0.1:${bridge.port}/api/v0/homebridge/`)).text()
    expect(page).toMatch(/^paired, 3 accessories\nPorch {3}\S.*\nLamp {4}(on|off)\nGuests {2}off\n$/u)
    expect(page).toMatch(new RegExp(homebridge.contract[0]?.replies[0]?.body ?? '', 'u'))
    expect(await (await fetch(`http://127.0.0.1:${bridge.metricsPort}/readyz`)).json()).toEqual({
      ready: true,
      state: 'paired',
      accessories: 3,
    })
    const metrics = await (await fetch(`http://127.0.0.1:${bridge.metricsPort}/metrics`)).text()
    expect(metrics).toMatch(/^homeslice_homekit_paired\{service="homebridge"\} 1$/mu)
    expect((await fetch(`http://127.0.0.1:${bridge.port}/`, { method: 'POST' })).status).toBe(405)
  })

  it('keeps its keys to itself', () => {
    for (const name of ['config.json', `persist/AccessoryInfo.${identity().username.replaceAll(':', '')}.json`])
      expect([name, statSync(join(volume, name)).mode & 0o077]).toEqual([name, 0])
  })

  it('stays paired over a restart, with the same accessories, whatever is added and renamed', async () => {
    const before = identity()
    await end(bridge)
    const [switches, ...others] = needs
    const reordered = [...others, { ...switches!, devices: ['attic', 'lamp', 'porch'].map(shown) }]
    bridge = await start(writeConfig(reordered, { port: hapPort, names: { porch: 'Front door' } }))
    expect(identity()).toMatchObject({ username: before.username, pin: before.pin })
    const again = await appleHome(identity(), home.pairing)
    const id = (which: AppleHome, name: string) => which.ids.get(name)
    expect([id(again, 'Lamp'), id(again, 'Front door'), id(again, 'Guests')]).toEqual([
      id(home, 'Lamp'),
      id(home, 'Porch'),
      id(home, 'Guests'),
    ])
    await reset('Porch', 'none', true)
    expect(await again.read('Front door')).toMatchObject({ status: 0, value: true })
  })

  it('can show a dead device as off', async () => {
    await end(bridge)
    bridge = await start(writeConfig(needs, { port: hapPort, deadDevices: 'off' }))
    const again = await appleHome(identity(), home.pairing)
    await reset('Porch', 'refuse', true)
    expect(await again.read('Porch')).toMatchObject({ status: 0, value: false })
    expect(await again.turn('Porch', true)).toMatchObject({ status: 0 })
    await reset('Porch', 'none', false)
  })

  it('shows no response while a service is gone', async () => {
    const [, buttons] = programs
    await end(buttons!)
    programs = programs.slice(0, 1)
    const again = await appleHome(identity(), home.pairing)
    expect(await again.read('Guests')).toMatchObject({ status: noResponse })
  })

  it('takes over from an older Homebridge with its pairing, its rooms and its automations', async () => {
    await end(bridge)
    volume = join(folder, 'older')
    mkdirSync(volume)
    const at = `${needs[0]!.url}/api/v0/switches/porch`
    const older = {
      bridge: {
        name: 'Homebridge',
        username: '0E:22:3D:E3:CE:30',
        pin: '031-45-154',
        port: hapPort,
        bind: ['127.0.0.1'],
      },
      accessories: [
        {
          accessory: 'Http',
          name: 'Torch',
          switchHandling: 'yes',
          http_method: 'POST',
          on_url: `${at}/on/`,
          off_url: `${at}/off/`,
          status_url: `${at}/status/`,
          service: 'Switch',
          sendimmediately: '',
          username: '',
          password: '',
        },
      ],
    }
    writeFileSync(join(volume, 'config.json'), JSON.stringify(older))
    bridge = await startProgram(homebridgeBundle, [], { HOMEBRIDGE_FOLDER: volume })
    const then = await appleHome(identity())
    await reset('Porch', 'none', false)
    expect(await then.turn('Torch', true)).toMatchObject({ status: 0 })
    expect(await then.read('Torch')).toMatchObject({ status: 0, value: true })
    expect(JSON.parse(readFileSync(join(volume, 'config.json'), 'utf8'))).toEqual(older)
    await end(bridge)
    bridge = await start(writeConfig(needs, { port: hapPort, formerly: { porch: 'Torch' } }))
    const now = await appleHome(identity(), then.pairing)
    expect(now.ids.get('Porch')).toBe(then.ids.get('Torch'))
    expect(await now.read('Porch')).toMatchObject({ status: 0, value: true })
  })

  it('says in a sentence when its port is taken', async () => {
    const other = await startProgram(homebridgeBundle, [join(folder, 'wanted.json')], {
      HOMEBRIDGE_FOLDER: join(folder, 'volume'),
    }).catch((error: unknown) => String(error))
    expect(other).toMatch(`port ${hapPort} is taken by another program on this node; set`)
  })
})
