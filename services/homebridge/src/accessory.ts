import type { AccessoryConfig, API, HAP } from 'homebridge'
import { call, type Called } from './call.ts'
import { isOn } from './reading.ts'

/** How one accessory fared when it was last asked. */
export type Outcome = {
  readonly name: string
  readonly operation: 'on' | 'off' | 'status'
  readonly result: 'ok' | 'no-response'
  /** "on", "off", or why nothing is known. */
  readonly says: string
}

/** HAP's status for "No Response". */
const noResponse = -70402

/** What an accessory is made with. */
type Around = { readonly hap: HAP; readonly onOutcome: (outcome: Outcome) => void }

const word = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** What is read of the entry in `config.json`; the words are homebridge-http's. */
const wishesOf = (config: AccessoryConfig) => ({
  name: config.name,
  method: word(config.http_method) ?? 'GET',
  on: word(config.on_url),
  off: word(config.off_url),
  status: word(config.status_url),
  reading: { on: word(config.status_on), off: word(config.status_off) },
  isStrict: config.errors === 'no-response',
  /** In milliseconds; nothing where nobody asks to be told of changes. */
  every: config.switchHandling === 'realtime' ? Number(config.statusPollingInterval) || usualEvery : undefined,
})

/** How often a status is read unasked, in milliseconds, as homebridge-http does. */
const usualEvery = 300_000

/**
 * A switch that HomeKit turns and reads by HTTP, as homebridge-http's accessory does: any answer to on and off is
 * success, a status is always read by GET. With `errors: no-response` an answer of 500 and above is none.
 */
export class HttpAccessory {
  readonly #wishes: ReturnType<typeof wishesOf>
  readonly #around: Around

  constructor(config: AccessoryConfig, around: Around) {
    this.#wishes = wishesOf(config)
    this.#around = around
  }

  /** Homebridge asks for these once. */
  getServices = (): InstanceType<HAP['Service']>[] => {
    const { Service, Characteristic } = this.#around.hap
    const about = new Service.AccessoryInformation()
      .setCharacteristic(Characteristic.Manufacturer, 'Homeslice')
      .setCharacteristic(Characteristic.Model, 'Switch by HTTP')
      .setCharacteristic(Characteristic.SerialNumber, this.#wishes.name)
    const service = new Service.Switch(this.#wishes.name)
    const on = service.getCharacteristic(Characteristic.On)
    on.onSet((value) => this.#turn(value === true || value === 1 ? 'on' : 'off'))
    if (this.#wishes.status !== undefined) {
      on.onGet(() => this.#read())
      this.#watch((value) => void service.updateCharacteristic(Characteristic.On, value))
    }
    return [about, service]
  }

  /** Tells HomeKit of changes that nobody made through it. */
  #watch(tell: (on: boolean) => void): void {
    if (this.#wishes.every === undefined) return
    setInterval(() => {
      // What is not known is not told: HomeKit keeps what it knew and asks when somebody looks.
      this.#read().then(tell, () => undefined)
    }, this.#wishes.every).unref()
  }

  async #turn(operation: 'on' | 'off'): Promise<void> {
    const url = this.#wishes[operation]
    if (url === undefined) return
    const called = await call(this.#wishes.method, url)
    this.#settle(operation, called, () => operation)
  }

  async #read(): Promise<boolean> {
    const called = await call('GET', this.#wishes.status ?? '')
    return this.#settle('status', called, (body) => (isOn(body, this.#wishes.reading) ? 'on' : 'off')) === 'on'
  }

  /** Gives what was said; throws HomeKit's "No Response" where nothing was. */
  #settle(operation: Outcome['operation'], called: Called, says: (body: string) => string): string {
    const { name, isStrict } = this.#wishes
    if (called.ok && !(isStrict && called.status >= 500)) {
      const said = says(called.body)
      this.#around.onOutcome({ name, operation, result: 'ok', says: said })
      return said
    }
    const why = called.ok ? `its service answered ${called.status}` : called.reason
    this.#around.onOutcome({ name, operation, result: 'no-response', says: `no response: ${why}` })
    // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- HAP-NodeJS has only an ambient enum, which no module can read
    throw new this.#around.hap.HapStatusError(noResponse)
  }
}

/** What Homebridge calls to learn of our accessory. */
export const registerHttp =
  (onOutcome: Around['onOutcome']) =>
  (api: API): void => {
    api.registerAccessory(
      'Http',
      class extends HttpAccessory {
        constructor(_log: unknown, config: AccessoryConfig, { hap }: API) {
          super(config, { hap, onOutcome })
        }
      },
    )
  }
