import { asWriter, type Connection, type Estate, type Hands } from '@homeslice/cluster'
import { parseHome } from '@homeslice/config'
import { render, type Rendered, type SecretVersions } from '@homeslice/render'
import { carryOut } from './carry.ts'
import { lookAhead } from './outlook.ts'
import { type GoingBack, lookBack } from './rollback.ts'

/** A home of a test: its services as YAML, and the version that each secret has. */
export type TestHome = { readonly name: string; readonly services: string; readonly secrets?: SecretVersions }

/** Its home and environment. */
export const estateOf = ({ name }: TestHome): Estate => ({ home: name, env: 'prod' })

/** Its objects. */
export const rendered = ({ name, services, secrets = {} }: TestHome): Rendered => {
  const read = parseHome(
    `version: 1\nhome: { name: ${name}, timezone: UTC, domain: ${name}.test }\nservices:\n${services}`,
  )
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return render(read.home, { env: 'prod', images: {}, secretVersions: secrets })
}

/** The value of a Secret of a test, by its name. */
export const canaryOf = (name: string): string => `canary-of-${name}`

const quiet = (): void => undefined

/** Tries on a home what `up` and `rollback` do. */
export type Trying = {
  readonly allow?: readonly string[]
  readonly deadlineSeconds?: number
  readonly signal?: AbortSignal
}

/** Brings a home up, as `up` does. */
export const bringUp = (connection: Connection, home: TestHome, trying: Trying = {}) => {
  const estate = estateOf(home)
  const secretData: Hands['secretData'] = async (name) => ({ value: Buffer.from(canaryOf(name)).toString('base64') })
  return asWriter(connection, { estate, report: quiet, signal: trying.signal }, async (writer, signal) => {
    const outlook = await lookAhead(connection, { estate, sets: rendered(home).sets, allow: trying.allow ?? [] })
    if (!outlook.ok) return outlook
    const hands = { connection, writer, report: quiet, secretData }
    return carryOut(hands, outlook, { deadlineSeconds: trying.deadlineSeconds ?? 30, signal })
  })
}

/** Brings a kept version back, as `rollback` does. Nobody may ask for the value of a secret. */
export const goBack = (
  connection: Connection,
  { estate, service, to }: Pick<GoingBack, 'estate' | 'service' | 'to'>,
  { allow = [], deadlineSeconds = 30 }: Trying = {},
) =>
  asWriter(connection, { estate, report: quiet }, async (writer, signal) => {
    const outlook = await lookBack(connection, { estate, service, allow, ...(to === undefined ? {} : { to }) })
    if (!outlook.ok) return outlook
    if (outlook.plan.stopped.length > 0) return { ok: false as const, stopped: outlook.plan.stopped }
    const secretData: Hands['secretData'] = async (name) => {
      throw new Error(`the value of ${name} was asked for`)
    }
    return carryOut({ connection, writer, report: quiet, secretData }, outlook, { deadlineSeconds, signal })
  })
