import { inside } from '../folders.ts'

/** The socket of containerd inside the sandbox. */
export const containerdSocket = '/run/containerd/containerd.sock'

/** What containerd's configuration depends on. */
export type ContainerdOptions = {
  readonly runc: string
  /** Name of the image that every pod's first process comes from. */
  readonly pause: string
  /** Folders that hold the network plugins. */
  readonly cniFolders: readonly string[]
  /** False where file systems cannot be stacked. */
  readonly overlay: boolean
}

/** containerd's configuration (TOML). */
export const containerdConfig = ({ runc, pause, cniFolders, overlay }: ContainerdOptions): string => `version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
# There is no CAP_SYS_RESOURCE in many containers and sandboxes; without these two lines no pod starts there.
oom_score = 0

[grpc]
  address = "${containerdSocket}"

[plugins."io.containerd.cri.v1.images"]
  snapshotter = "${overlay ? 'overlayfs' : 'native'}"
  [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = "${pause}"

[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = [${cniFolders.map((folder) => `"${folder}"`).join(', ')}]
    conf_dir = "${inside.config}/cni"
  [plugins."io.containerd.cri.v1.runtime".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
        SystemdCgroup = false
        BinaryName = "${runc}"
`
