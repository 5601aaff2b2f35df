/** A service of the internet that has a simulator. La Marzocco's is not among them: a machine is a device of the home. */
export type CloudKind = 'git' | 'playlist-page' | 'todoist'

/** A cloud that a service calls. */
export type Cloud = {
  readonly kind: CloudKind
  /** Where it is, if it is at an address of its own, such as a git server of the house. @default on the internet */
  readonly at?: { readonly address: string; readonly port: number }
}

type Door = { readonly prefix: string; readonly port: number }

/** How the simulator of a La Marzocco machine with its cloud is called. */
export const machineDoor: Door = { prefix: 'http://', port: 8080 }

/** How the simulator of each is called: what its base URL begins with, and the port where it listens. */
export const cloudDoors: Readonly<Record<CloudKind, Door>> = {
  git: { prefix: 'ssh://git@', port: 2222 },
  'playlist-page': { prefix: 'http://', port: 8080 },
  todoist: { prefix: 'http://', port: 8080 },
}
