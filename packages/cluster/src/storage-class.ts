import type { KubeObject } from '@homeslice/render'
import type { Lack } from './gateway-there.ts'
import { at, textAt } from './json.ts'

const defaultKey = 'storageclass.kubernetes.io/is-default-class'

/** Why no volume would be made for these claims; nothing if there is a class for each. */
export const classLacks = (desired: readonly KubeObject[], classes: readonly KubeObject[]): readonly Lack[] => {
  const names = classes.map(({ metadata }) => metadata.name)
  const claims = desired.filter(({ kind }) => kind === 'PersistentVolumeClaim')
  const asked = claims.map((claim) => at(claim, 'spec', 'storageClassName'))
  const unknown = [...new Set(asked)].filter(
    (name): name is string => typeof name === 'string' && name !== '' && !names.includes(name),
  )
  const there = names.length === 0 ? 'there is none' : `there are: ${names.join(', ')}`
  const noDefault =
    asked.includes(undefined) && !classes.some(({ metadata }) => textAt(metadata, 'annotations', defaultKey) === 'true')
  return [
    ...unknown.map((name) => ({
      about: 'storage' as const,
      message: `there is no storage class ${name}`,
      fix: `name another one for that volume or in cluster.storageClass; ${there}`,
    })),
    ...(noDefault
      ? [
          {
            about: 'storage' as const,
            message: 'there is no default storage class, and some volume names none',
            fix: `name one in cluster.storageClass; ${there}`,
          },
        ]
      : []),
  ]
}
