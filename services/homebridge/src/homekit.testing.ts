import { createRequire } from 'node:module'
import type HapClient from 'hap-controller/lib/transport/ip/http-client.js'
import { z } from 'zod'

/** Of its parts only this one: the whole would look for Bluetooth. */
const { default: Client } = createRequire(import.meta.url)('hap-controller/lib/transport/ip/http-client') as {
  default: typeof HapClient.default
}

type PairingData = NonNullable<ReturnType<InstanceType<typeof Client>['getLongTermData']>>

/** How HomeKit fared with one accessory: HAP's status (0 is well), the value where one was read, and the time it took. */
type Answer = { readonly status: number; readonly value?: boolean; readonly milliseconds: number }

/** An Apple home, as far as a bridge can tell. */
export type AppleHome = {
  /** Keep these, and the home stays paired. */
  readonly pairing: PairingData
  /** Accessory ids by name: rooms and automations hang on them. */
  readonly ids: ReadonlyMap<string, number>
  readonly read: (name: string) => Promise<Answer>
  readonly turn: (name: string, on: boolean) => Promise<Answer>
}

const number = z.union([z.number(), z.object({ toNumber: z.function() }).transform(Number)])
const characteristic = z.object({ type: z.string(), iid: number, value: z.unknown().optional() })
const listed = z.object({
  accessories: z.array(
    z.object({ aid: number, services: z.array(z.object({ characteristics: z.array(characteristic) })) }),
  ),
})
const answered = z.object({
  characteristics: z.tuple([z.object({ status: z.number().default(0), value: z.unknown().optional() })]),
})

/** HAP's types of the name of a thing, and of whether it is on. */
const types = { name: /^(0*23|23)(-|$)/u, on: /^(0*25|25)(-|$)/u }

/** Pairs with a bridge on this machine, or takes up a pairing. */
export const appleHome = async (
  bridge: { readonly username: string; readonly pin: string; readonly port: number },
  pairing?: PairingData,
): Promise<AppleHome> => {
  const client = new Client(bridge.username, '127.0.0.1', bridge.port, pairing)
  if (pairing === undefined) await client.pairSetup(bridge.pin)
  const data = client.getLongTermData()
  if (data === null) throw new Error('the pairing gave no keys')
  const { accessories } = listed.parse(await client.getAccessories())
  const found = accessories.flatMap(({ aid, services }) => {
    const all = services.flatMap(({ characteristics }) => characteristics)
    const on = all.find(({ type }) => types.on.test(type))
    const name = all.find(({ type }) => types.name.test(type))?.value
    return on === undefined ? [] : [{ name: String(name), aid, on: `${aid}.${on.iid}` }]
  })
  const onOf = (name: string): string => {
    const one = found.find((other) => other.name === name)
    if (one === undefined)
      throw new Error(`HomeKit sees no ${name}, but ${found.map((other) => other.name).join(', ')}`)
    return one.on
  }
  const timed = async (ask: () => Promise<unknown>): Promise<Answer> => {
    const started = performance.now()
    const [{ status, value }] = answered.parse(await ask()).characteristics
    return {
      status,
      ...(value === undefined || value === null ? {} : { value: value === true || value === 1 }),
      milliseconds: performance.now() - started,
    }
  }
  return {
    pairing: data,
    ids: new Map(found.map(({ name, aid }) => [name, aid])),
    read: (name) => timed(() => client.getCharacteristics([onOf(name)])),
    turn: (name, on) => timed(() => client.setCharacteristics({ [onOf(name)]: on })),
  }
}
