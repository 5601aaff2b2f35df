/** The Go release that builds everything here, in the spelling of `GOTOOLCHAIN`. */
export const goVersion = 'go1.26.8'

/**
 * How Go builds, in the spelling of `GOFLAGS` and of its command line. Nothing of the checkout gets into a program:
 * neither where it lies nor its commit.
 */
export const goFlags = {
  environment: '-buildvcs=false -mod=readonly',
  command: ['-trimpath'],
  link: ['-s', '-w'],
} as const

/** Kubernetes' version in the sandbox. */
export const kubernetesVersion = 'v1.36.3'

/** One folder of `kube/` and what is built from it. */
export type Recipe = {
  readonly name: RecipeName
  /** `go` builds the packages of a Go module; `c` compiles `main.c`, static. */
  readonly kind: 'go' | 'c'
  /** Go packages to build: `.` is the folder's own, the others come from its go.mod. A program is named like the last part of its package. */
  readonly packages: readonly string[]
  /** What the program built from `.` or `main.c` is called. */
  readonly program?: string
  /** Further names of the same program, as links: it looks at the name it is called by. */
  readonly aliases?: readonly string[]
  /** Build with C, for libseccomp. */
  readonly cgo?: boolean
  readonly tags?: string
  /** Values set at link time, as `package.Variable=value`. */
  readonly values?: readonly string[]
  /** Files taken along from modules that go.mod names. */
  readonly files?: readonly { readonly module: string; readonly from: string; readonly to: string }[]
}

/** The programs of the sandbox, by the folder of `kube/` they are built from. */
export type RecipeName = 'node' | 'kube' | 'containerd' | 'runc' | 'cni' | 'calico' | 'pause' | 'coredns' | 'traefik'

const containerd = 'github.com/containerd/containerd/v2/cmd'
const cni = 'github.com/containernetworking/plugins/plugins'
const base = 'k8s.io/component-base/version'

/** Every recipe, in the order they are built: what the cluster needs first comes first. */
export const recipes: readonly Recipe[] = [
  { name: 'node', kind: 'go', packages: ['.'], program: 'homeslice-node' },
  { name: 'pause', kind: 'c', packages: [], program: 'pause' },
  {
    name: 'kube',
    kind: 'go',
    packages: ['.'],
    program: 'kube',
    aliases: [
      'etcd',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'kube-proxy',
      'kubelet',
      'kubectl',
      'homeslice-storage',
    ],
    values: [
      `${base}.gitVersion=${kubernetesVersion}`,
      `${base}.gitMajor=1`,
      `${base}.gitMinor=36`,
      `${base}.gitTreeState=clean`,
    ],
  },
  {
    name: 'containerd',
    kind: 'go',
    packages: [`${containerd}/containerd`, `${containerd}/containerd-shim-runc-v2`, `${containerd}/ctr`],
  },
  { name: 'runc', kind: 'go', packages: ['github.com/opencontainers/runc'], cgo: true, tags: 'seccomp' },
  { name: 'cni', kind: 'go', packages: [`${cni}/main/loopback`, `${cni}/ipam/host-local`, `${cni}/meta/portmap`] },
  {
    name: 'calico',
    kind: 'go',
    packages: ['.'],
    program: 'calico',
    aliases: ['calico-felix'],
    files: [{ module: 'github.com/projectcalico/calico', from: 'libcalico-go/config/crd', to: 'crd' }],
  },
  { name: 'coredns', kind: 'go', packages: ['.'], program: 'coredns' },
  {
    name: 'traefik',
    kind: 'go',
    packages: ['github.com/traefik/traefik/v3/cmd/traefik'],
    files: [
      {
        module: 'github.com/traefik/traefik/v3',
        from: 'docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml',
        to: 'traefik-crd.yaml',
      },
      { module: 'sigs.k8s.io/gateway-api', from: 'config/crd/standard', to: 'gateway-crd' },
    ],
  },
]
