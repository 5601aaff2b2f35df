import { type Device, deviceId, type Group, isGroup, isOn, type Outlet, switchAll } from './device.ts'

const good = (result: Group): Group => ({ error_code: 0, result })
const unknownMethod = { error_code: -1002 }
const badParameters = { error_code: -1008 }
const notJson = { error_code: -1003 }

const base64 = (text: string): string => Buffer.from(text).toString('base64')

const identity = (device: Device): Group => ({
  device_id: deviceId,
  fw_ver: '1.3.0 Build 230905 Rel.152200',
  hw_ver: '1.0',
  type: 'SMART.TAPOPLUG',
  model: device.isStrip ? 'P300' : 'P100',
  mac: '50-C7-BF-00-00-01',
  hw_id: '00000000000000000000000000000001',
  fw_id: '00000000000000000000000000000000',
  oem_id: '00000000000000000000000000000002',
  ip: '192.0.2.1',
  time_diff: 0,
  ssid: base64('home'),
  rssi: -50,
  signal_level: 3,
  latitude: 0,
  longitude: 0,
  lang: 'en_US',
  avatar: 'plug',
  region: 'Europe/Lisbon',
  specs: '',
  nickname: base64(device.name),
  has_set_location_info: false,
})

const plug = (device: Device): Group => ({
  device_on: isOn(device),
  on_time: Number(isOn(device)),
  default_states: { type: 'last_states', state: {} },
  overheated: false,
  auto_off_status: 'off',
  auto_off_remain_time: 0,
})

const child = (device: Device, { id, alias, on }: Outlet, index: number): Group => ({
  ...identity(device),
  device_id: id,
  original_device_id: deviceId,
  nickname: base64(alias),
  category: 'plug.powerstrip.sub-plug',
  device_on: on,
  on_time: Number(on),
  position: index + 1,
  slot_number: device.outlets.length,
  is_usb: false,
  bind_count: 1,
  status_follow_edge: false,
  overheat_status: 'normal',
  auto_off_status: 'off',
  auto_off_remain_time: 0,
  default_states: { type: 'last_states', state: {} },
})

type Method = (device: Device, params: Group) => Group

const components = ['device', 'firmware', 'quick_setup', 'time', 'led', 'account', 'device_local_time']

const methods: Readonly<Record<string, Method>> = {
  component_nego: ({ isStrip }) =>
    good({
      component_list: [...components, ...(isStrip ? ['control_child', 'child_device'] : [])].map((id) => ({
        id,
        ver_code: 1,
      })),
    }),
  get_device_info: (device) => good({ ...identity(device), ...(device.isStrip ? {} : plug(device)) }),
  get_device_time: () => good({ time_diff: 0, timestamp: 1_795_000_000, region: 'Europe/Lisbon' }),
  set_device_info: (device, params) => turn(device, device.outlets, params),
  get_child_device_list: (device) =>
    device.isStrip
      ? good({
          child_device_list: device.outlets.map((outlet, index) => child(device, outlet, index)),
          start_index: 0,
          sum: device.outlets.length,
        })
      : unknownMethod,
  get_child_device_component_list: ({ outlets, isStrip }) =>
    isStrip
      ? good({
          child_component_list: outlets.map(({ id }) => ({
            device_id: id,
            component_list: [{ id: 'device', ver_code: 2 }],
          })),
          start_index: 0,
          sum: outlets.length,
        })
      : unknownMethod,
  control_child: (device, { device_id: id, requestData }) => {
    const outlet = device.outlets.find((one) => one.id === id)
    if (outlet === undefined) return badParameters
    return good({ responseData: smartAnswer({ ...device, isStrip: false, outlets: [outlet] }, requestData) })
  },
  multipleRequest: (device, { requests }) =>
    good({
      responses: (Array.isArray(requests) ? requests : []).map((request: unknown) => ({
        method: isGroup(request) ? request.method : '',
        ...smartAnswer(device, request),
      })),
    }),
}

const turn = (device: Device, outlets: readonly Outlet[], { device_on: on }: Group): Group => {
  if (device.fault() === 'error' || device.isStrip || typeof on !== 'boolean') return badParameters
  switchAll(device, outlets, on)
  return { error_code: 0 }
}

/** What the device answers in the language of Tapo devices, which Kasa's newer ones speak too. */
export const smartAnswer = (device: Device, asked: unknown): Group => {
  if (!isGroup(asked) || typeof asked.method !== 'string') return notJson
  const method = Object.hasOwn(methods, asked.method) ? methods[asked.method] : undefined
  return method === undefined ? unknownMethod : method(device, isGroup(asked.params) ? asked.params : {})
}
