import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { placesOf } from './folders.ts'
import { findRunning } from './running.ts'
import { start } from './start.ts'
import { status } from './status.ts'
import { stop } from './stop.ts'
import { partImages } from './systemimages.ts'
import { startTrial, waitingPods, type Trial } from './trial.ts'
import { shell } from './use.ts'

let trial: Trial

beforeAll(async () => {
  // Durable: this one gets killed.
  trial = await startTrial('trial', { durable: true })
})

afterAll(() => trial.remove())

const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'notes', namespace: 'storage' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '16Mi' } } },
}

const podWithVolume = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'keeper', namespace: 'storage' },
  spec: {
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsUser: 10_001, runAsGroup: 10_001, fsGroup: 10_001 },
    containers: [
      {
        name: 'wait',
        image: partImages().pause,
        imagePullPolicy: 'Never',
        volumeMounts: [{ name: 'notes', mountPath: '/notes' }],
      },
    ],
    volumes: [{ name: 'notes', persistentVolumeClaim: { claimName: 'notes' } }],
  },
}

const volumePath = async (): Promise<string> => {
  const volume = (
    await trial.kubectl(['get', 'pvc', 'notes', '-n', 'storage', '-o=jsonpath={.spec.volumeName}'])
  ).trim()
  const path = (await trial.kubectl(['get', 'pv', volume, '-o=jsonpath={.spec.local.path}'])).trim()
  return path.replace('/run/homeslice/state', placesOf(trial.folders, trial.name).root)
}

const authority = (): string =>
  createHash('sha256')
    .update(readFileSync(join(placesOf(trial.folders, trial.name).certificates, 'ca.crt')))
    .digest('hex')

describe('a running sandbox', () => {
  test('is started again at once, and nothing happens', async () => {
    const events: string[] = []
    const again = await start({ ...trial, report: ({ task }) => events.push(task) })
    expect(again).toMatchObject({ ok: true, began: false })
    expect(events).toEqual([])
  })

  test('runs a pod, and says so in its status with the memory of each part', async () => {
    await trial.apply(...waitingPods('one', 'only'))
    await trial.kubectl(['wait', 'pod/only', '-n', 'one', '--for=condition=Ready', '--timeout=60s'])
    const seen = await status(trial)
    if (!seen.ok) throw new Error(seen.message)
    const parts = seen.status.parts.map(({ name }) => name.replace(/-[0-9a-f]+-[0-9a-z]{5}$/, ''))
    expect(parts).toEqual(
      expect.arrayContaining(['etcd', 'kube-apiserver', 'kubelet', 'calico-felix', 'kube-system/coredns', 'one/only']),
    )
    expect(seen.status.parts.filter(({ down }) => down !== undefined)).toEqual([])
    expect(seen.status.memoryMiB).toBeGreaterThan(300)
  })

  test("shows a pod's log, which the API server asks the kubelet for", async () => {
    expect(await trial.kubectl(['logs', 'deployment/coredns', '-n', 'kube-system'])).toContain('CoreDNS')
  })

  test('lets a command in, and gives its exit code', async () => {
    expect(
      await shell(trial, ['sh', '-c', 'test "$(cat /proc/sys/kernel/hostname)" = homeslice-trial && exit 7']),
    ).toEqual({
      ok: true,
      code: 7,
    })
  })

  test('starts a program again that was killed', async () => {
    const running = findRunning(placesOf(trial.folders, trial.name))
    const killed = await shell(trial, ['sh', '-c', 'kill -9 $(pidof kube-scheduler)'])
    expect(killed).toEqual({ ok: true, code: 0 })
    await expect
      .poll(
        async () => {
          const seen = await status(trial)
          return seen.ok && seen.status.parts.find(({ name }) => name === 'kube-scheduler')
        },
        { timeout: 20_000 },
      )
      .toMatchObject({ restarts: 1, name: 'kube-scheduler' })
    expect(findRunning(placesOf(trial.folders, trial.name))?.inner).toBe(running?.inner)
  })
})

describe('killed with all its processes', () => {
  test('comes back with the same objects, volumes and certificates', async () => {
    await trial.apply(...waitingPods('storage'), claim, podWithVolume)
    await trial.kubectl(['wait', 'pod/keeper', '-n', 'storage', '--for=condition=Ready', '--timeout=60s'])
    const folder = await volumePath()
    writeFileSync(join(folder, 'written'), 'before the kill')
    const uid = await trial.kubectl(['get', 'pod', 'keeper', '-n', 'storage', '-o=jsonpath={.metadata.uid}'])
    const before = authority()

    const running = findRunning(placesOf(trial.folders, trial.name))
    process.kill(running?.inner ?? 0, 'SIGKILL')
    process.kill(running?.outer ?? 0, 'SIGKILL')
    await expect.poll(() => findRunning(placesOf(trial.folders, trial.name))).toBeUndefined()
    expect(await start(trial)).toMatchObject({ ok: true, began: true })

    expect(authority()).toBe(before)
    expect(await trial.kubectl(['get', 'pod', 'keeper', '-n', 'storage', '-o=jsonpath={.metadata.uid}'])).toBe(uid)
    await trial.kubectl(['wait', 'pod/keeper', '-n', 'storage', '--for=condition=Ready', '--timeout=60s'])
    expect(readFileSync(join(folder, 'written'), 'utf8')).toBe('before the kill')
  })

  test('removes a volume with its claim, and nothing else', async () => {
    const folder = await volumePath()
    expect(existsSync(folder)).toBe(true)
    await trial.kubectl(['delete', 'pod/keeper', 'pvc/notes', '-n', 'storage'])
    await expect.poll(() => existsSync(folder), { timeout: 20_000 }).toBe(false)
    expect(existsSync(placesOf(trial.folders, trial.name).volumes)).toBe(true)
  })
})

test('stopped, it leaves no process, no mount and no control group behind', async () => {
  expect(await stop(trial)).toEqual({ ok: true, stopped: true })
  await sleep(100)
  const { root, group } = placesOf(trial.folders, trial.name)
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
  expect(mounts).not.toContain(root)
  expect(readdirSync('/sys/fs/cgroup').filter((name) => existsSync(`/sys/fs/cgroup/${name}${group}`))).toEqual([])
  expect(await stop(trial)).toEqual({ ok: true, stopped: false })
  expect(await start(trial)).toMatchObject({ ok: true, began: true })
})
