import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, type Place, type Simulator, slowMilliseconds } from './fault.ts'
import { createDoor, dribble } from './server.ts'

type Group = Readonly<Record<string, unknown>>

const isGroup = (value: unknown): value is Group => typeof value === 'object' && value !== null && !Array.isArray(value)

const hide = (text: string): Buffer => {
  const bytes = Buffer.from(text)
  let key = 171
  return bytes.map((byte) => (key ^= byte)) as Buffer
}

const reveal = (bytes: Buffer): string => {
  let key = 171
  const plain = Buffer.alloc(bytes.length)
  bytes.forEach((byte, index) => {
    plain[index] = byte ^ key
    key = byte
  })
  return plain.toString()
}

const framed = (text: string): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(Buffer.byteLength(text))
  return Buffer.concat([length, hide(text)])
}

/** A Kasa HS100 plug with the legacy protocol. */
export const startKasa = async ({ name, host, port = 9999 }: Place): Promise<Simulator> => {
  let on = false
  let fault: Fault = 'none'
  let calls = 0

  const sysinfo = (): Group => ({
    err_code: 0,
    sw_ver: '1.5.10 Build 191125 Rel.094314',
    hw_ver: '2.1',
    type: 'IOT.SMARTPLUGSWITCH',
    model: 'HS100(US)',
    mac: '50:C7:BF:00:00:01',
    deviceId: '8006000000000000000000000000000000000001',
    hwId: '00000000000000000000000000000001',
    fwId: '00000000000000000000000000000000',
    oemId: '00000000000000000000000000000002',
    alias: name,
    dev_name: 'Smart Wi-Fi Plug',
    icon_hash: '',
    relay_state: on ? 1 : 0,
    on_time: on ? 1 : 0,
    active_mode: 'none',
    feature: 'TIM',
    updating: 0,
    rssi: -50,
    led_off: 0,
    latitude_i: 0,
    longitude_i: 0,
  })

  const callOf = (module: string, method: string, input: unknown): Group => {
    if (module !== 'system') return { err_code: -1, err_msg: 'module not support' }
    if (method === 'get_sysinfo') return sysinfo()
    if (method !== 'set_relay_state') return { err_code: -2, err_msg: 'member not support' }
    if (fault === 'error') return { err_code: -3, err_msg: 'invalid argument' }
    if (isGroup(input) && fault !== 'stuck') on = input.state === 1
    return { err_code: 0 }
  }

  const answerTo = (message: string): string => {
    const asked: unknown = JSON.parse(message)
    if (!isGroup(asked)) return '{}'
    const modules = Object.entries(asked).filter(([module]) => module !== 'context')
    const answered = modules.map(([module, methods]) => {
      if (module !== 'system' && module !== 'time') return [module, { err_code: -1, err_msg: 'module not support' }]
      const called = Object.entries(isGroup(methods) ? methods : {})
      return [module, Object.fromEntries(called.map(([method, input]) => [method, callOf(module, method, input)]))]
    })
    return JSON.stringify(Object.fromEntries(answered))
  }

  const reply = async (socket: Socket, message: string): Promise<void> => {
    calls += 1
    if (fault === 'silent') return
    if (fault === 'slow') await sleep(slowMilliseconds)
    if (fault === 'garbage') return void socket.write(framed('\u0000 not JSON'))
    if (fault === 'huge') return void socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2, 3]))
    const answer = framed(answerTo(message))
    if (fault === 'dribble') return dribble(socket, answer.subarray(0, 5))
    if (fault === 'vanish') return void socket.write(answer.subarray(0, answer.length / 2), () => socket.destroy())
    socket.write(answer)
  }

  const door = createDoor(host, (socket) => {
    let arrived = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      arrived = Buffer.concat([arrived, chunk])
      if (arrived.length > 64 * 1024) socket.destroy()
      while (arrived.length >= 4 && arrived.length >= 4 + arrived.readUInt32BE()) {
        const end = 4 + arrived.readUInt32BE()
        const message = reveal(arrived.subarray(4, end))
        arrived = arrived.subarray(end)
        // What is no JSON is left unanswered, as the device does.
        reply(socket, message).catch(() => socket.destroy())
      }
    })
  })
  await door.open(port)
  return {
    state: () => ({ kind: 'kasa', name, on, port, fault, calls }),
    setOn: (next) => {
      on = next
    },
    setFault: async (next) => {
      fault = next
      await (next === 'refuse' ? door.shut() : door.open(port))
    },
    stop: door.shut,
  }
}
