import { describe, expect, it } from 'vitest'
import type { KubeObject } from '@homeslice/render'
import { eventReason, podReason } from './reasons.ts'
import { deploymentReason, startSecondsOf } from './ready.ts'

const pod = (status: object, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'x', creationTimestamp: '2026-01-01T00:00:00Z', ...more },
  spec: { containers: [{ name: 'x', resources: { limits: { memory: '64Mi' } } }] },
  status,
})
const waiting = (reason: string, message = ''): KubeObject =>
  pod({ containerStatuses: [{ name: 'x', image: 'a:1', state: { waiting: { reason, message } } }] })
const ended = (reason: string, restartCount = 2): KubeObject =>
  pod({
    containerStatuses: [
      {
        name: 'x',
        ready: false,
        restartCount,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { reason, exitCode: 3 } },
      },
    ],
  })
const unscheduled = (message: string): KubeObject =>
  pod({ conditions: [{ type: 'PodScheduled', status: 'False', message }] })

const pulling = (why: string): string => `failed to pull and unpack image "a:1": ${why}`

describe('why a pod does not get on', () => {
  it.each([
    ['it does', pod({ containerStatuses: [{ name: 'x', ready: true, state: { running: {} } }] }), undefined],
    ['nothing is known yet', pod({}), undefined],
    ['no image', waiting('ImagePullBackOff'), 'ImagePull: no such image a:1'],
    [
      'no right to pull',
      waiting('ErrImagePull', pulling('401 Unauthorized')),
      'ImagePull: the node may not pull a:1, or it does not exist',
    ],
    [
      'no trust',
      waiting('ImagePullBackOff', pulling('tls: failed to verify certificate: x509: unknown')),
      'ImagePull: the node does not trust the registry of a:1',
    ],
    [
      'no way',
      waiting('ErrImagePull', pulling('dial tcp: lookup r.test: no such host')),
      'ImagePull: no such image a:1: the node has no way to its registry',
    ],
    [
      'another kind of machine',
      waiting('ErrImagePull', pulling('no match for platform in manifest')),
      'ImagePull: a:1 is not built for this kind of node',
    ],
    ['no image name', waiting('InvalidImageName'), 'ImagePull: a:1 is no image name'],
    ['no secret', waiting('CreateContainerConfigError', 'secret "db-v1" not found'), 'Secret: db-v1 is missing'],
    ['no config', waiting('CreateContainerConfigError', 'configmap "c" not found'), 'Config: c is missing'],
    ['other config', waiting('CreateContainerConfigError', 'runAsNonRoot'), 'Config: runAsNonRoot'],
    ['no start', waiting('RunContainerError', 'no such file'), 'Start: no such file'],
    ['creating', waiting('ContainerCreating'), undefined],
    ['a crash', ended('Error'), 'Crash: ended with 3, 3 starts so far'],
    ['a crash not yet restarted', ended('Error', 0), undefined],
    ['memory', ended('OOMKilled'), 'OOM: over its limit of 64Mi'],
    [
      'an end',
      pod({ containerStatuses: [{ name: 'x', restartCount: 0, state: { terminated: { exitCode: 0 } } }] }),
      'Crash: ended with 0',
    ],
    [
      'no room',
      unscheduled('0/1 nodes are available: 1 Insufficient memory. preemption: no'),
      'Schedule: no node has room for it: 1 Insufficient memory',
    ],
    [
      'no volume',
      unscheduled('pod has unbound immediate PersistentVolumeClaims'),
      'Volume: no storage class makes it, or it is not made yet',
    ],
    ['no claim', unscheduled('persistentvolumeclaim "d" not found'), 'Volume: persistentvolumeclaim "d" not found'],
  ])('%s', (_, object, reason) => {
    expect(podReason(object)).toBe(reason)
  })
})

describe('what events add', () => {
  it.each([
    ['Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503', 'Probe: readiness: answered 503'],
    ['Unhealthy', 'Liveness probe failed: dial tcp: refused\nmore', 'Probe: liveness: dial tcp: refused'],
    ['FailedMount', 'MountVolume.SetUp failed: secret "s-v1" not found', 'Secret: s-v1 is missing'],
    ['FailedMount', 'configmap "c" not found', 'Config: c is missing'],
    ['FailedMount', 'timed out', 'Volume: timed out'],
    [
      'FailedCreate',
      'pods "x" is forbidden: exceeded quota: q, requested: pods=1',
      'Quota: exceeded quota: q, requested: pods=1',
    ],
    ['FailedCreate', 'violates PodSecurity', 'Refused: violates PodSecurity'],
    ['Pulled', 'Container image is there', undefined],
  ])('%s: %s', (reason, message, words) => {
    expect(eventReason({ reason, message })).toBe(words)
  })
})

describe('whether a Deployment is ready', () => {
  const deployment = (status: object, generation = 2): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'x', generation },
    spec: { replicas: 1 },
    status,
  })
  const good = { observedGeneration: 2, updatedReplicas: 1, replicas: 1, availableReplicas: 1 }
  it.each([
    ['ready', good, [], undefined],
    ['not observed', { ...good, observedGeneration: 1 }, [], 'ending the old version'],
    ['not updated', { ...good, updatedReplicas: 0 }, [], 'starting'],
    ['not available', { ...good, availableReplicas: 0 }, [], 'waiting for its readiness probe'],
    ['an old one left', { ...good, replicas: 2 }, [], 'ending the old version'],
    [
      'its newest pod crashes',
      { ...good, availableReplicas: 0 },
      [ended('Error')],
      'Crash: ended with 3, 3 starts so far',
    ],
    [
      'only a pod on its way out crashes',
      { ...good, availableReplicas: 0 },
      [{ ...ended('Error'), metadata: { name: 'x', deletionTimestamp: 'now' } }],
      'waiting for its readiness probe',
    ],
    [
      'quota',
      {
        ...good,
        updatedReplicas: 0,
        conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota: q' }],
      },
      [],
      'Quota: exceeded quota: q',
    ],
  ])('%s', (_, status, pods, reason) => {
    expect(deploymentReason(deployment(status), pods)).toBe(reason)
  })
})

describe('how long a pod took to start', () => {
  const made = '2026-01-02T03:04:05Z'
  const started = (lastTransitionTime: string, { status = 'True', restartCount = 0 } = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x', creationTimestamp: made },
    status: {
      conditions: [
        { type: 'PodScheduled', status: 'True', lastTransitionTime: made },
        { type: 'Ready', status, lastTransitionTime },
      ],
      containerStatuses: [{ restartCount }],
    },
  })

  it('is from when it was made until it was ready', () => {
    expect(startSecondsOf(started('2026-01-02T03:04:17Z'))).toBe(12)
  })
  it('is unknown of one that is not ready, was ready before, or has a clock behind it', () => {
    const unready = started('2026-01-02T03:04:17Z', { status: 'False' })
    const again = started('2026-01-02T03:04:17Z', { restartCount: 1 })
    const early = started('2026-01-02T03:04:04Z')
    expect([unready, again, early, { ...early, status: {} }].map(startSecondsOf)).toEqual(
      Array.from({ length: 4 }, () => undefined),
    )
  })
})
