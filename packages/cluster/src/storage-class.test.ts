import { describe, expect, it } from 'vitest'
import type { KubeObject } from '@homeslice/render'
import { classLacks } from './storage-class.ts'

const claim = (storageClassName?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'casa-prod-notes' },
  spec: storageClassName === undefined ? {} : { storageClassName },
})
const storage = (name: string, isDefault = false): KubeObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    name,
    ...(isDefault ? { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } : {}),
  },
})

describe('volumes', () => {
  it.each([
    ['of a class that is there', [claim('fast')], [storage('fast')]],
    ['of the default class', [claim()], [storage('fast'), storage('slow', true)]],
    ['on a folder of the node', [claim('')], []],
  ])('%s lack nothing', (_, desired, classes) => {
    expect(classLacks(desired, classes)).toEqual([])
  })

  it('of no class that is there say which there are', () => {
    expect(classLacks([claim('fast'), claim('fast'), claim()], [storage('slow')])).toEqual([
      {
        about: 'storage',
        message: 'there is no storage class fast',
        fix: 'name another one for that volume or in cluster.storageClass; there are: slow',
      },
      {
        about: 'storage',
        message: 'there is no default storage class, and some volume names none',
        fix: 'name one in cluster.storageClass; there are: slow',
      },
    ])
    expect(classLacks([claim()], [])[0]?.fix).toBe('name one in cluster.storageClass; there is none')
  })
})
