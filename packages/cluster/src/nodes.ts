import { at, type NodeRoom, quantity, textAt } from '@homeslice/plan'
import type { Connection } from './connection.ts'
import type { Kind } from './kinds.ts'
import { listKind } from './objects.ts'

const nodes: Kind = { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false, wave: 'ground' }

/** The nodes of a cluster and the memory that each has for pods; none where we may not look at them. */
export const nodesOf = async (connection: Connection): Promise<NodeRoom[]> => {
  const listed = await listKind(connection, nodes, {})
  if (!listed.ok) return []
  return listed.objects
    .filter((node) => at(node, 'spec', 'unschedulable') !== true)
    .map((node) => ({
      name: node.metadata.name,
      mebibytes: Math.floor((quantity(textAt(node, 'status', 'allocatable', 'memory')) ?? 0) / 2 ** 20),
      labels: node.metadata.labels ?? {},
    }))
}
