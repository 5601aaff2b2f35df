import type { ILimitRange } from 'kubernetes-models/v1/LimitRange'
import type { IResourceQuota } from 'kubernetes-models/v1/ResourceQuota'
import { bytesOf, type Environment, millicoresOf, sizeOf } from '@homeslice/config'
import { labelsOf, namespaceOf, type Owner } from './names.ts'
import { type KubeObject, object } from './object.ts'
import { mostPodsOf, type Workload } from './workload.ts'

/** Pods of others' scaling that fit where the environment has no budget. */
const roomToScale = 4

/** What a namespace may use: its share of the environment's budget, or room to scale by hand where there is none. */
export const quotaObject = (workload: Workload, { budget }: Environment): KubeObject => {
  const { owner, namespace, service } = workload
  const pods = mostPodsOf(workload) + (budget === undefined ? roomToScale : 0)
  const { cpu, memory, storage } = service.resources
  const cores = (one: string): string => `${millicoresOf(one) * pods}m`
  const size = (one: string): string => sizeOf(bytesOf(one) * pods)
  return object<IResourceQuota>({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: service.name, namespace, labels: labelsOf(owner, service.name) },
    spec: {
      hard: {
        pods: String(pods),
        'requests.cpu': cores(cpu.request),
        'limits.cpu': cores(cpu.limit),
        'requests.memory': size(memory.request),
        'limits.memory': size(memory.limit),
        'requests.ephemeral-storage': size(storage.request),
        'limits.ephemeral-storage': size(storage.limit),
      },
    },
  })
}

/** A quota for a namespace where no pod has anything to do. */
export const noPodsObject = (owner: Owner): KubeObject =>
  object<IResourceQuota>({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: owner.service, namespace: namespaceOf(owner), labels: labelsOf(owner, owner.service) },
    spec: { hard: { pods: '0' } },
  })

/** What a container gets that says nothing, and the most that it may ask for. */
export const limitRangeObject = ({ owner, namespace, service }: Workload): KubeObject => {
  const { cpu, memory, storage } = service.resources
  const each = (key: 'request' | 'limit') => ({ cpu: cpu[key], memory: memory[key], 'ephemeral-storage': storage[key] })
  return object<ILimitRange>({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: service.name, namespace, labels: labelsOf(owner, service.name) },
    spec: {
      limits: [
        {
          type: 'Container',
          min: { cpu: '1m', memory: '1Mi', 'ephemeral-storage': '1Mi' },
          max: each('limit'),
          default: each('limit'),
          defaultRequest: each('request'),
        },
      ],
    },
  })
}
