/** The addresses of one sandbox, all inside its own network namespace. */
export type Network = {
  /** The node; the API server listens here. */
  readonly node: string
  readonly nodeCidr: string
  readonly pods: string
  readonly services: string
  /** The API server's Service. */
  readonly api: string
  readonly dns: string
  /** The Service in front of Traefik. */
  readonly gateway: string
  /** The network that leads to the machine's own, and so to the LAN and the internet. */
  readonly outside: string
  /** The resolver at the other end of `outside`; it asks the machine's own. */
  readonly resolver: string
}

/** The node's address length: the pods' range is one node's. */
export const podBits = 18

/** The network whose addresses all lie in `10.<octet>.0.0/16`. */
export const networkAt = (octet: number): Network => {
  const at = (third: number, fourth: number) => `10.${octet}.${third}.${fourth}`
  return {
    node: at(128, 1),
    nodeCidr: `${at(128, 0)}/24`,
    pods: `${at(0, 0)}/${podBits}`,
    services: `${at(64, 0)}/18`,
    api: at(64, 1),
    dns: at(64, 10),
    gateway: at(64, 20),
    outside: `${at(129, 0)}/24`,
    resolver: at(129, 3),
  }
}

const candidates = [231, 232, 233, 234, 235, 236, 237, 238, 239, 240]

/**
 * A second octet whose `10.<octet>.0.0/16` no route of this machine overlaps,
 * so that no device of the LAN is hidden behind the sandbox's own addresses.
 * The first candidate when all are taken.
 */
export const freeOctet = (routes: readonly string[]): number =>
  candidates.find((octet) => routes.every((route) => !overlaps(route, octet))) ?? 231

const overlaps = (route: string, octet: number): boolean => {
  const [address = '', bits = '32'] = route.split('/')
  const [first, second] = address.split('.').map(Number)
  if (first !== 10 || second === undefined || bits === '0') return false
  const length = Math.min(Math.max(Number(bits), 8), 16)
  const mask = (0xff << (16 - length)) & 0xff
  return (second & mask) === (octet & mask)
}
