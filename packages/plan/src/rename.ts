import type { KubeObject } from '@homeslice/render'
import { differences } from './compare.ts'
import { groupsAt, textAt } from './group.ts'
import { podOf, workloadIn } from './workload.ts'

type Services = ReadonlyMap<string, readonly KubeObject[]>

/** Services that left and came back under another name: their pods and volumes are the same but for that name. */
export const renamesIn = (before: Services, after: Services): Map<string, string> => {
  const renames = new Map<string, string>()
  const came = new Map([...after].filter(([service]) => !before.has(service)))
  for (const [old, objects] of before) {
    if (after.has(old)) continue
    const [name] = [...came].find(([, others]) => isSame(objects, others)) ?? []
    if (name === undefined) continue
    renames.set(old, name)
    came.delete(name)
  }
  return renames
}

const isSame = (old: readonly KubeObject[], next: readonly KubeObject[]): boolean => {
  const [wanted, there] = [essenceOf(next), essenceOf(old)]
  return wanted !== undefined && there !== undefined && differences(wanted, there).length === 0
}

/** What a service does, without its name: what its container runs, and the volumes that it has. */
const essenceOf = (objects: readonly KubeObject[]): KubeObject | undefined => {
  const workload = workloadIn(objects)
  const [container] = groupsAt(podOf(workload), 'containers')
  if (workload === undefined || container === undefined) return undefined
  const { image, command, args, env, ports, resources, volumeMounts } = container
  const volumes = objects
    .filter(({ kind }) => kind === 'PersistentVolumeClaim')
    .map(({ metadata, spec }) => `${metadata.name} ${textAt(spec, 'resources', 'requests', 'storage')}`)
    .toSorted()
  const schedule = textAt(workload, 'spec', 'schedule')
  const essence = { image, command, args, env, ports, resources, volumeMounts, volumes, schedule }
  return { apiVersion: '', kind: workload.kind, metadata: { name: '' }, essence }
}
