import { type Device, deviceId, type Group, isGroup, isOn, type Outlet, switchAll } from './device.ts'

const noModule = { err_code: -1, err_msg: 'module not support' }
const noMember = { err_code: -2, err_msg: 'member not support' }
const invalid = { err_code: -3, err_msg: 'invalid argument' }

const sysinfo = (device: Device): Group => ({
  err_code: 0,
  sw_ver: '1.5.10 Build 191125 Rel.094314',
  hw_ver: '2.1',
  type: 'IOT.SMARTPLUGSWITCH',
  mac: '50:C7:BF:00:00:01',
  deviceId,
  hwId: '00000000000000000000000000000001',
  fwId: '00000000000000000000000000000000',
  oemId: '00000000000000000000000000000002',
  alias: device.name,
  icon_hash: '',
  active_mode: 'none',
  feature: 'TIM',
  updating: 0,
  rssi: -50,
  led_off: 0,
  latitude_i: 0,
  longitude_i: 0,
  ...(device.isStrip ? strip(device) : plug(device)),
})

const plug = (device: Device): Group => ({
  model: 'HS100(US)',
  dev_name: 'Smart Wi-Fi Plug',
  relay_state: Number(isOn(device)),
  on_time: Number(isOn(device)),
})

const strip = ({ outlets }: Device): Group => ({
  model: 'KP303(US)',
  dev_name: 'Smart Wi-Fi Power Strip',
  child_num: outlets.length,
  children: outlets.map(({ id, alias, on }) => ({
    id,
    alias,
    state: Number(on),
    on_time: Number(on),
    next_action: { type: -1 },
  })),
})

type Called = { readonly device: Device; readonly meant: readonly Outlet[]; readonly input: unknown }

const setRelay = ({ device, meant, input }: Called): Group => {
  if (device.fault() === 'error' || meant.length === 0) return invalid
  if (isGroup(input)) switchAll(device, meant, input.state === 1)
  return { err_code: 0 }
}

const time = (now: Date): Group => ({
  err_code: 0,
  year: now.getUTCFullYear(),
  month: now.getUTCMonth() + 1,
  mday: now.getUTCDate(),
  hour: now.getUTCHours(),
  min: now.getUTCMinutes(),
  sec: now.getUTCSeconds(),
})

/** Number 39 of its maker's list is UTC. */
const timezone = { err_code: 0, index: 39 }

const modules: Readonly<Record<string, Readonly<Record<string, (called: Called) => Group>>>> = {
  system: { get_sysinfo: ({ device }) => sysinfo(device), set_relay_state: setRelay },
  time: { get_time: () => time(new Date()), get_timezone: () => timezone },
}

/** What the device answers in the language of Kasa's own devices: modules, methods, and which outlets are meant. */
export const iotAnswer = (device: Device, asked: unknown): Group => {
  if (!isGroup(asked)) return {}
  const meant = meantBy(device, asked.context)
  const answers = Object.entries(asked).filter(([module]) => module !== 'context')
  return Object.fromEntries(
    answers.map(([module, called]) => {
      const methods = Object.hasOwn(modules, module) ? modules[module] : undefined
      if (methods === undefined) return [module, noModule]
      const said = Object.entries(isGroup(called) ? called : {}).map(([name, input]) => {
        const method = Object.hasOwn(methods, name) ? methods[name] : undefined
        return [name, method === undefined ? noMember : method({ device, meant, input })]
      })
      return [module, Object.fromEntries(said)]
    }),
  )
}

/** Those whose ids a context names; all of them where there is none. */
const meantBy = ({ outlets }: Device, context: unknown): Device['outlets'] => {
  const ids = isGroup(context) ? context.child_ids : undefined
  return Array.isArray(ids) ? outlets.filter(({ id }) => ids.includes(id)) : outlets
}
