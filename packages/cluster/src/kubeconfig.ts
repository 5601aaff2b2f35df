// Only this file imports the client, and only what reads kubeconfigs of it: loading all of it takes longer than most verbs.
export { KubeConfig } from '@kubernetes/client-node'
