import type { KubeObject } from '@homeslice/render'
import { serviceOf } from './change.ts'
import { groupAt } from './group.ts'
import { makesPods, memoryOfPod, podOf, replicasOf } from './workload.ts'

/** The pods of a service that a node has to have room for. */
export type Asked = {
  readonly service: string
  /** Memory that each of them asks for, in MiB. */
  readonly mebibytes: number
  readonly pods: number
  /** Labels that their node must have. */
  readonly labels: Readonly<Record<string, string>>
}

/** A node, and the memory that it has for pods, in MiB. */
export type NodeRoom = {
  readonly name: string
  readonly mebibytes: number
  readonly labels: Readonly<Record<string, string>>
}

/** A service whose pods no node has room for. */
export type NoRoom = { readonly service: string; readonly words: string }

/** What objects ask of nodes. */
export const askedOf = (objects: readonly KubeObject[]): Asked[] =>
  objects.filter(makesPods).map((object) => ({
    service: serviceOf(object),
    mebibytes: Math.ceil(memoryOfPod(object, 'requests')),
    pods: replicasOf(object),
    labels: groupAt(podOf(object), 'nodeSelector') as Record<string, string>,
  }))

/**
 * Holds the memory that pods ask for against what each node has. The largest are placed first, each where most is free:
 * a scheduler may do better and others may run there too, so this is a word of warning and stops nothing. Where no node is
 * known there is nothing to say.
 */
export const roomOnNodes = (asked: readonly Asked[], nodes: readonly NodeRoom[]): NoRoom[] => {
  if (nodes.length === 0) return []
  const free = new Map(nodes.map((node) => [node, node.mebibytes]))
  return asked
    .toSorted((a, b) => b.mebibytes - a.mebibytes)
    .flatMap((one) => Array.from({ length: one.pods }, () => one))
    .flatMap((one) => place(one, free))
    .filter(({ service }, index, all) => all.findIndex((other) => other.service === service) === index)
}

const place = ({ service, mebibytes, labels }: Asked, free: Map<NodeRoom, number>): NoRoom[] => {
  const fitting = [...free].filter(([node]) =>
    Object.entries(labels).every(([key, value]) => node.labels[key] === value),
  )
  const [largest] = fitting.toSorted(([, a], [, b]) => b - a)
  if (largest === undefined) {
    const wanted = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
    return [{ service, words: `no node has the labels that ${service} asks for: ${wanted.join(', ')}` }]
  }
  const [node, room] = largest
  if (room < mebibytes) {
    const words = `no node has room for ${service}: it asks for ${mebibytes} MiB of memory, and of the ${node.mebibytes} MiB of ${node.name}, ${room} MiB are left`
    return [{ service, words }]
  }
  free.set(node, room - mebibytes)
  return []
}
