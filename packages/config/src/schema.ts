import { z } from 'zod'
import { secretPattern } from './secrets.ts'

const name = z
  .string()
  .regex(/^[a-z]([a-z0-9-]*[a-z0-9])?$/u, 'must be lower-case letters, digits and "-", starting with a letter')
const shortName = z.string().regex(/^[a-z][a-z0-9]*$/u, 'must be lower-case letters and digits, starting with a letter')
/** Its own addresses must be longer than the pattern that stands for all of them. */
const environmentName = shortName.min(2, 'must have at least two characters')
const secretName = z.strictObject({ secret: name.describe('A name in secrets.yaml.') })
const port = z
  .int('must be a whole number')
  .min(1, 'must be a port, 1 to 65535')
  .max(65_535, 'must be a port, 1 to 65535')
const cpu = z
  .string()
  .regex(
    /^(?=.*[1-9])([0-9]+m|[0-9]+(\.[0-9]{1,3})?)$/u,
    'must be cores such as 250m or 0.5, more than none, in quotes if it is a number',
  )
const size = z.string().regex(/^[1-9][0-9]*(Ki|Mi|Gi|Ti)$/u, 'must be a size such as 64Mi or 1Gi')
const containerPath = z
  .string()
  .max(512)
  .regex(/^(\/[^/:\0]+)+$/u, 'must be an absolute path without ":"')
/** What the Gateway API takes as a path prefix. */
const prefix = z
  .string()
  .max(1024)
  .regex(
    /^\/(?:[-\w./~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})*$/u,
    'must start with "/" and hold no query, spaces or other signs',
  )
const domain = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/u, 'must be a domain name in lower case')
/** A host with an optional port, and a path that OCI takes as the name of a repository. */
const registry = z
  .string()
  .max(200)
  .regex(
    /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/u,
    'must be a host and a path in lower case, without https://, such as registry.casa.test/home',
  )
/** What Kubernetes takes as the key of a label, and as its value. */
const labelKey = z
  .string()
  .regex(
    /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/u,
    'is no label: up to 63 letters, digits, "-", "_" and ".", after a domain and "/" if it has one',
  )
const labelValue = z
  .string()
  .regex(
    /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/u,
    'must be the value of a label: up to 63 letters, digits, "-", "_" and "."',
  )
const because = z.string().min(1, 'must say why').describe('Why, in a few words.')

const device = z.strictObject({
  kind: z.enum(['kasa', 'wemo', 'sonos', 'lamarzocco']).describe('The protocol it speaks.'),
  address: z
    .string()
    .min(1)
    .optional()
    .describe('Its IP address on the LAN; none for a machine that is reached through its cloud.')
    .meta({ examples: ['192.0.2.20'] }),
  mac: z
    .string()
    .regex(/^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/u, 'must be six pairs of hex digits with colons')
    .optional()
    .describe('Its hardware address, by which it is found again when its IP address moves.'),
  child: z.string().min(1).optional().describe('Which outlet of a strip.'),
  account: z
    .strictObject({
      secret: z
        .string()
        .regex(secretPattern, 'must be the name of a secret: up to 50 lower-case letters, digits and "-"')
        .describe('A name in secrets.yaml.'),
    })
    .optional()
    .describe('The secret with its account, for devices that want one.'),
  simulate: z.boolean().optional().describe('A simulator stands in for it. Default: false in prod, true elsewhere.'),
})

const envValue = z.union(
  [z.string(), secretName, z.strictObject({ service: name.describe("Another service's URL.") })],
  'must be text (in quotes if it looks like a number), { secret: name } or { service: name }',
)

const fileValue = z.union(
  [z.string(), secretName, z.strictObject({ from: z.string().min(1).describe('A file beside the home file.') })],
  'must be text, { secret: name } or { from: ./file }',
)

const probe = z
  .strictObject({
    http: z.string().startsWith('/', 'must start with "/"').optional().describe('A path that answers 200.'),
    tcp: z.literal(true).optional().describe('Only that the port accepts connections.'),
    command: z.array(z.string()).min(1).optional().describe('A command in the container that exits 0.'),
    port: port.optional().describe("Default: the service's port."),
    everySeconds: z.int().min(1).max(3600).optional().describe('Default: 10; 2 for startup.'),
    timeoutSeconds: z.int().min(1).max(300).optional().describe('Default: 2.'),
    failures: z.int().min(1).max(1000).optional().describe('How many in a row count. Default: 3; 60 for startup.'),
  })
  .refine(({ http, tcp, command }) => [http, tcp, command].filter((way) => way !== undefined).length === 1, {
    error: 'must have exactly one of http, tcp and command',
  })

const quantity = <T extends z.ZodType>(unit: T, words: string) =>
  z.union([unit, z.strictObject({ request: unit, limit: unit })], words)

const cpuWords = 'must be cores such as 250m, or { request, limit }; a bare number in quotes'
const sizeWords = 'must be a size such as 64Mi, or { request, limit }'

const resources = z.strictObject({
  cpu: quantity(cpu, cpuWords).optional().describe('Default: 10m asked, 500m at most.'),
  memory: quantity(size, sizeWords).optional().describe('Default: 64Mi asked, 128Mi at most.'),
  storage: quantity(size, sizeWords).optional().describe('Scratch disk. Default: 16Mi asked, 256Mi at most.'),
})

const route = z.strictObject({
  host: domain.optional().describe('A name. Default: the bare address in prod, <env>.<domain> elsewhere.'),
  paths: z
    .array(prefix)
    .min(1)
    .max(64)
    .optional()
    .describe('Path prefixes. Default: "/", or what the catalog entry serves.'),
  who: z
    .enum(['everyone', 'home', 'key', 'person'])
    .optional()
    .describe('Who may use it. Default: person; home for services of the catalog.'),
  because: because.optional().describe('Why; `everyone` and `plain` need it.'),
  plain: z.boolean().optional().describe('HTTP without TLS, for clients that cannot do TLS.'),
})

const volume = z.union(
  [size, z.strictObject({ size, class: z.string().min(1).optional() })],
  'must be a size such as 1Gi, or { size, class }',
)

const host = z.strictObject({
  network: z.boolean().optional().describe("The node's own network: no network policy binds it there."),
  folders: z.record(containerPath, containerPath).optional().describe('Path in the container: path on the node.'),
  because,
})

const run = z.strictObject({
  user: z.int().min(0).max(4_294_967_294).optional().describe('Default: 10001.'),
  group: z.int().min(0).max(4_294_967_294).optional().describe('Default: 10001.'),
  writable: z.array(containerPath).optional().describe('Paths that get a small scratch volume; the root is read-only.'),
  level: z.enum(['restricted', 'baseline', 'privileged']).optional().describe('Pod Security. Default: restricted.'),
  because: because.optional().describe('Why user 0 or a lower level is needed.'),
})

/** One service as it is written. */
const writtenService = z.strictObject({
  use: z.string().min(1).optional().describe('A service of the catalog: brings image, port, probes and route.'),
  settings: z.record(z.string(), z.unknown()).optional().describe('Settings of the catalog entry.'),
  image: z.string().min(1).optional().describe('Any other image, with a tag or a digest.'),
  command: z.array(z.string()).min(1).optional().describe("Instead of the image's entry point."),
  args: z.array(z.string()).optional().describe('Arguments of the command.'),
  env: z.record(z.string(), envValue).optional().describe('Environment variables.'),
  files: z.record(containerPath, fileValue).optional().describe('Absolute path: what the file holds.'),
  port: port.optional().describe('Where it listens; others reach it on port 80.'),
  probes: z
    .strictObject({
      startup: probe.optional().describe('Has it started? Nothing else is asked before.'),
      readiness: probe.optional().describe('May it get requests now?'),
      liveness: probe.optional().describe('Does it still live, or must it be started again?'),
    })
    .optional()
    .describe('How it is known to have started, to be ready, to live. Default: by TCP on its port.'),
  resources: resources.optional().describe('What it asks for and may use at most.'),
  replicas: z.int().min(0).max(50).optional().describe('Default: left to whoever scales it; 1 at first.'),
  schedule: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Runs at these times (cron, in the timezone of the home). Default: what the catalog entry brings; else it runs all the time.',
    ),
  routes: z.array(route).optional().describe('Ways in through the gateway.'),
  needs: z.array(name).optional().describe('Services it calls; nothing else of the home is reachable for it.'),
  devices: z.array(name).optional().describe('Devices it drives.'),
  simulate: z
    .boolean()
    .optional()
    .describe(
      'Simulators stand in for the clouds that its catalog entry calls, and it takes nothing from its node. Default: false in prod, true elsewhere.',
    ),
  egress: z
    .union(
      [z.enum(['none', 'internet']), z.array(z.string()).min(1)],
      'must be none, internet, or a list of cidr:port and internet',
    )
    .optional()
    .describe(
      'What it reaches beyond that; `internet` is never the LAN. Default: none, or the clouds that its catalog entry calls.',
    ),
  data: z
    .record(containerPath, volume)
    .optional()
    .describe('Path: size of a volume that stays, besides those of the catalog entry.'),
  node: z.record(labelKey, labelValue).optional().describe('Labels that its node must have.'),
  host: host.optional().describe('What it takes from its node.'),
  run: run.optional().describe('Whom it runs as.'),
})

const partialService = z.union([z.literal(false), writtenService.partial()], {
  error: 'must be false (leave it out) or what differs',
})

const environment = z.strictObject({
  budget: z
    .strictObject({ cpu: cpu.optional().describe('Cores.'), memory: size.optional().describe('Memory.') })
    .optional()
    .describe('What all its services may use together.'),
  domain: domain.optional().describe('Default: the domain of the home in prod, <env>.<domain> elsewhere.'),
  simulate: z
    .boolean()
    .optional()
    .describe('Simulate every device, and every cloud. Default: false in prod, true elsewhere.'),
  services: z.record(name, partialService).optional().describe('What differs here; false leaves the service out.'),
})

/** The home file as people write it. */
export const writtenHome = z.strictObject({
  version: z.literal(1, 'must be 1').describe('The version of this format.'),
  home: z
    .strictObject({
      name: shortName.describe('Names the namespaces.').meta({ examples: ['casa'] }),
      timezone: z
        .string()
        .min(1)
        .describe('An IANA zone.')
        .meta({ examples: ['Europe/Lisbon'] }),
      domain: domain.describe('Where its names live.').meta({ examples: ['casa.test'] }),
    })
    .describe('The home itself.'),
  cluster: z
    .strictObject({
      context: z
        .string()
        .min(1)
        .optional()
        .describe('A context of your kubeconfig. Default: the sandbox on this machine.'),
      registry: registry
        .optional()
        .describe('Where `up` pushes our images and the cluster pulls them: a registry, and a path in it.')
        .meta({ examples: ['registry.casa.test/home'] }),
      pullSecret: z
        .string()
        .regex(secretPattern, 'must be the name of a secret: up to 50 lower-case letters, digits and "-"')
        .optional()
        .describe('The secret, set to the text of a Docker config.json, that images are pulled with.'),
      storageClass: z.string().min(1).optional().describe("Default: the cluster's default class."),
      gateway: z
        .strictObject({
          namespace: z.string().min(1).describe('Where it is.'),
          name: z.string().min(1).describe('What it is called.'),
          section: z.string().min(1).optional().describe('One of its listeners. Default: http and https.'),
        })
        .optional()
        .describe(
          'A Gateway that is there already. Default: that of k3s, kube-system/traefik-gateway with its listener web.',
        ),
      lan: z.array(z.string()).optional().describe('Networks of the house (CIDR); `who: home` lets them in.'),
    })
    .optional()
    .describe('Where it runs. Default: a sandbox on this machine.'),
  environments: z.record(environmentName, environment).optional().describe('Copies of the house. Default: prod alone.'),
  devices: z.record(name, device).optional().describe('The devices of the house.'),
  services: z.record(name, writtenService).describe('The services of the house.'),
  redirects: z
    .array(
      z.strictObject({
        path: prefix.optional().describe('A path and all below it.'),
        host: domain.optional().describe('A whole name.'),
        to: z.string().min(1).describe('A whole URL.'),
      }),
    )
    .optional()
    .describe('Old addresses that send people on.'),
})

/** The home file as people write it, as a type. */
export type WrittenHome = z.infer<typeof writtenHome>
/** One service as it is written, as a type. */
export type WrittenService = z.infer<typeof writtenService>
