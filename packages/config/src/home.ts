import type { Cloud } from '@homeslice/catalog'

/**
 * The normalised home: every default filled in, every environment's overlay applied, readonly.
 * Only this leaves the package; what people write is `WrittenHome` in schema.ts.
 */
export type Home = {
  /** Names the namespaces and owner labels; lower-case letters and digits, no "-". */
  readonly name: string
  /** IANA zone, such as `Europe/Lisbon`; schedules and clocks follow it. */
  readonly timezone: string
  readonly cluster: Cluster
  /** Keyed by name, in the order written. */
  readonly environments: Readonly<Record<string, Environment>>
}

/** Where the home runs: the embedded cluster, or a context of the user's kubeconfig. */
export type Cluster = {
  /** Absent means the sandbox. */
  readonly context?: string
  readonly registry?: string
  readonly pullSecret?: string
  readonly storageClass?: string
  readonly gateway: { readonly namespace: string; readonly name: string; readonly section?: string }
  /** The networks whose clients `who: home` lets in, as CIDRs. */
  readonly lan: readonly string[]
}

/** One complete copy of the house: its services as they are in this environment. */
export type Environment = {
  readonly name: string
  readonly domain: string
  readonly budget?: { readonly cpu?: string; readonly memory?: string }
  readonly services: Readonly<Record<string, Service>>
  readonly devices: Readonly<Record<string, Device>>
  readonly redirects: readonly Redirect[]
}

/** A device of the house, or its simulator where `simulate` is true. */
export type Device = {
  readonly name: string
  readonly kind: DeviceKind
  /** An IP address on the LAN; absent for what only a cloud reaches. */
  readonly address?: string
  readonly mac?: string
  readonly child?: string
  readonly account?: { readonly secret: string }
  readonly simulate: boolean
}

/** The protocols a device can speak. */
export type DeviceKind = 'kasa' | 'wemo' | 'sonos' | 'lamarzocco'

/** One service of one environment. */
export type Service = {
  readonly name: string
  /** The catalog entry and its checked settings; absent for an image of the user's. */
  readonly use?: { readonly entry: string; readonly settings: unknown }
  /** `ours` is built from this repository and looked up in the images handed to render. */
  readonly image: { readonly ours: string } | { readonly reference: string }
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env: Readonly<Record<string, EnvValue>>
  readonly files: Readonly<Record<string, FileValue>>
  /** The container's port behind the Service's port 80; absent for a schedule or a worker. */
  readonly port?: number
  /** Where `/metrics` and the probes of our own services answer; absent for foreign images. */
  readonly metricsPort?: number
  readonly probes: Probes
  readonly resources: Resources
  /** Absent unless the home declares it: scaling by others survives an `up`. */
  readonly replicas?: number
  /** A cron expression in the home's timezone: the service is a CronJob. */
  readonly schedule?: string
  readonly routes: readonly Route[]
  readonly needs: readonly string[]
  readonly devices: readonly string[]
  /** The clouds that its catalog entry calls. */
  readonly clouds: readonly Cloud[]
  /** Simulators stand in for those clouds, and it takes nothing from its node. */
  readonly simulate: boolean
  readonly egress: Egress
  readonly data: Readonly<Record<string, Volume>>
  readonly node: Readonly<Record<string, string>>
  readonly host?: Host
  readonly run: Run
}

/** An environment variable: literal text, a secret of the vault, or another service's URL. */
export type EnvValue = { readonly text: string } | { readonly secret: string } | { readonly service: string }

/** A file's content: literal text (a `from` file is read into it), or a secret of the vault. */
export type FileValue = { readonly text: string } | { readonly secret: string }

/** How the kubelet asks whether the container started, may get traffic, and still lives. */
export type Probes = {
  readonly startup?: Probe
  readonly readiness?: Probe
  readonly liveness?: Probe
}

/** One probe. */
export type Probe = {
  readonly check:
    | { readonly http: string; readonly port: number }
    | { readonly tcp: number }
    | { readonly command: readonly string[] }
  readonly periodSeconds: number
  readonly timeoutSeconds: number
  readonly failureThreshold: number
}

/** Requests and limits as Kubernetes quantities (`50m`, `64Mi`). */
export type Resources = {
  readonly cpu: { readonly request: string; readonly limit: string }
  readonly memory: { readonly request: string; readonly limit: string }
  readonly storage: { readonly request: string; readonly limit: string }
}

/** A way in through the gateway. */
export type Route = {
  /** Absent: the bare address, for prod only. Other environments always have one. */
  readonly host?: string
  /** Path prefixes; at least one, `/` means all. */
  readonly paths: readonly string[]
  readonly who: Who
  /** Why `everyone` or `plain` is right here. */
  readonly because?: string
  /** HTTP without TLS, for clients that cannot do TLS. */
  readonly plain: boolean
}

/** Who may use a route: `home` is the LAN, `key` a machine, `person` someone signed in. */
export type Who = 'everyone' | 'home' | 'key' | 'person'

/** What a service may reach beyond `needs` and `devices`. */
export type Egress = {
  /** All of it without the LAN. */
  readonly internet: boolean
  readonly to: readonly { readonly cidr: string; readonly port: number }[]
}

/** A volume that outlives its pods. */
export type Volume = { readonly size: string; readonly class?: string }

/** What a service takes from its node, and why. */
export type Host = {
  readonly network: boolean
  /** Container path to node path. */
  readonly folders: Readonly<Record<string, string>>
  readonly because: string
}

/** The identity a container runs as, and how strict its sandbox is. */
export type Run = {
  readonly user: number
  readonly group: number
  /** Paths that get a small writable scratch volume; the root stays read-only. */
  readonly writable: readonly string[]
  readonly level: 'restricted' | 'baseline' | 'privileged'
  readonly because?: string
}

/** An old address that sends people to another. */
export type Redirect = { readonly path?: string; readonly host?: string; readonly to: string }
