import { failure, type Failure } from '../outcome.ts'
import type { Answer, Cut } from './exchange.ts'

/** Why a request did not do what it should, and whether the same may go well a moment later. */
export type Trouble = Failure & {
  readonly again: boolean
  /** How long the registry asks us to wait, in milliseconds. */
  readonly after?: number
}

/** Where something went wrong: the registry, what in it, and the file where logins are looked for. */
export type Where = {
  readonly host: string
  readonly repository: string
  readonly file: string
  readonly known: boolean
}

const never = (message: string, fix: string): Trouble => ({ ...failure(message, fix), again: false })
const perhaps = (message: string, fix: string): Trouble => ({ ...failure(message, fix), again: true })

const name = 'look at cluster.registry in the home file, and at the network'
const later = 'run it again: what has arrived is not sent twice'

/** What the network and TLS say, in words; `HOST` stands for the registry. */
const cuts: Readonly<Record<string, Trouble>> = {
  ENOTFOUND: never('there is no host named HOST', name),
  EAI_AGAIN: perhaps('the name HOST cannot be looked up now', name),
  ECONNREFUSED: never('nothing answers at HOST: connection refused', 'start the registry, or mend cluster.registry'),
  EHOSTUNREACH: never('there is no way to HOST', name),
  ENETUNREACH: never('there is no way to HOST', name),
  ETIMEDOUT: perhaps('HOST does not answer', name),
  CERT_HAS_EXPIRED: never('the certificate of HOST has expired', 'renew it on the registry'),
  ERR_TLS_CERT_ALTNAME_INVALID: never(
    'the certificate of HOST is for another name',
    'name the registry in cluster.registry as its certificate does',
  ),
}

const unknownAuthority = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** Whether who answered speaks something else than TLS. */
export const speaksNoTls = ({ code }: Cut): boolean => code === 'EPROTO' || code.startsWith('ERR_SSL_')

/** Why nothing whole came back. */
export const troubleOfCut = (host: string, cut: Cut): Trouble => {
  const { code, message } = cut
  const known = cuts[code]
  if (known !== undefined) return { ...known, message: known.message.replace('HOST', host) }
  if (unknownAuthority.has(code)) {
    return never(
      `the certificate of ${host} is of an authority that this machine does not know (x509: ${code})`,
      'name the file of that authority in NODE_EXTRA_CA_CERTS, or set NODE_USE_SYSTEM_CA=1 if this machine trusts it; the nodes of the cluster must trust it too',
    )
  }
  if (speaksNoTls(cut))
    return never(`${host} does not speak TLS`, 'give it a certificate; only a registry of this machine may do without')
  return perhaps(`the connection to ${host} was cut: ${message}`, later)
}

/** Why a status is not the one that was hoped for. */
export const troubleOfAnswer = (where: Where, answer: Answer): Trouble => {
  const { status, headers } = answer
  const said = `(${status}${wordsOf(answer)})`
  if (full(answer)) return never(`the disk of ${where.host} is full ${said}`, `make room there, then ${later}`)
  const known = statuses[status]
  if (known !== undefined) return known(where, said)
  if (status === 429 || status === 408 || status >= 500) {
    const seconds = Number(headers['retry-after'] ?? 0)
    const trouble = perhaps(`${where.host} fails at ${where.repository} ${said}`, `look at its log, then ${later}`)
    return seconds > 0 ? { ...trouble, after: seconds * 1000 } : trouble
  }
  return never(`${where.host} does not take ${where.repository} ${said}`, 'look at the log of the registry')
}

const statuses: Readonly<Record<number, (where: Where, said: string) => Trouble>> = {
  401: ({ host, file, known }, said) =>
    never(
      known
        ? `${host} does not accept the login in ${file} ${said}`
        : `${host} wants a login, and ${file} has none ${said}`,
      `log in with: docker login ${host}, or set DOCKER_CONFIG to a folder whose config.json has it`,
    ),
  403: ({ host, repository }, said) =>
    never(
      `${host} does not let you push to ${repository} ${said}`,
      'give that login the right to push there, or name another place in cluster.registry',
    ),
  404: ({ host, repository }, said) =>
    never(`${host} has no place for ${repository} ${said}`, 'make that project there, or mend cluster.registry'),
  413: ({ host, repository }, said) =>
    never(
      `a layer of ${repository} is larger than ${host} takes ${said}`,
      'raise the limit of the proxy before the registry to 100 MB',
    ),
}

const full = ({ status, text }: Answer): boolean => status === 507 || (status >= 400 && /no space left/iu.test(text))

/** The registry's own words, where it has some that people can read. */
const wordsOf = ({ text }: Answer): string => {
  const message = /"message"\s*:\s*"((?:[^"\\]|\\.)+)"/u.exec(text)?.[1]
  return message === undefined ? '' : `: ${message.slice(0, 200)}`
}
