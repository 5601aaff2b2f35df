import { expect, it } from 'vitest'
import type { KubeObject } from '@homeslice/render'
import { roomForBoth } from './room.ts'

const quota = (hard: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'x' },
  spec: { hard },
})
const range = (max: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'x' },
  spec: { limits: [{ type: 'Container', max }] },
})

it.each([
  [
    'a quota that shrinks',
    quota({ cpu: '500m', memory: '1Gi' }),
    quota({ cpu: '1', memory: '512Mi' }),
    quota({ cpu: '1', memory: '1Gi' }),
  ],
  ['a quota that grows', quota({ memory: '2Gi' }), quota({ memory: '1Gi' }), undefined],
  ['a quota that is new in part', quota({ pods: '2' }), quota({}), undefined],
  ['a limit that shrinks', range({ memory: '16Mi' }), range({ memory: '128Mi' }), range({ memory: '128Mi' })],
  ['a limit that grows', range({ memory: '128Mi' }), range({ memory: '16Mi' }), undefined],
  ['a limit where there was none', range({ memory: '128Mi' }), { ...range({}), spec: {} }, undefined],
  ['anything else', { ...quota({}), kind: 'Service' }, quota({}), undefined],
])('%s', (_, desired, live, expected) => {
  expect(roomForBoth(desired, live)).toEqual(expected)
})
