import { clusterRole, clusterRoleBinding, partLabels, rule, user, type KubeObject } from './objects.ts'

const read = 'get list watch'

/** What the node's own programs may do, the storage class, and the switch that lets Felix start. */
export const nodeObjects = (): KubeObject[] => [
  clusterRoleBinding('homeslice:proxy', user('system:kube-proxy'), 'system:node-proxier'),
  clusterRoleBinding('homeslice:apiserver', user('homeslice:apiserver'), 'system:kubelet-api-admin'),
  ...clusterRole('homeslice:calico', user('homeslice:calico'), [
    rule('', ['namespaces', 'nodes', 'pods', 'services', 'endpoints', 'serviceaccounts', 'configmaps'], read),
    rule('', ['pods/status', 'nodes/status'], 'get patch update'),
    rule('discovery.k8s.io', ['endpointslices'], read),
    rule('networking.k8s.io', ['networkpolicies'], read),
    rule('policy.networking.k8s.io', ['adminnetworkpolicies', 'baselineadminnetworkpolicies'], read),
    rule('crd.projectcalico.org', ['*'], `${read} create update patch delete`),
  ]),
  ...clusterRole('homeslice:storage', user('homeslice:storage'), [
    rule('', ['persistentvolumes'], `${read} create delete`),
    rule('', ['persistentvolumeclaims'], read),
    rule('storage.k8s.io', ['storageclasses'], read),
  ]),
  storageClass,
]

const storageClass: KubeObject = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    name: 'homeslice-local',
    labels: partLabels('homeslice-storage'),
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
  },
  provisioner: 'homeslice.dev/local',
  reclaimPolicy: 'Delete',
  // The folder is made on the node the pod lands on, once there is a pod.
  volumeBindingMode: 'WaitForFirstConsumer',
}

/** Felix waits for ever until this object says that its data is there. */
export const policyReady: KubeObject = {
  apiVersion: 'crd.projectcalico.org/v1',
  kind: 'ClusterInformation',
  metadata: { name: 'default', labels: partLabels('calico') },
  spec: { datastoreReady: true, clusterType: 'k8s' },
}
