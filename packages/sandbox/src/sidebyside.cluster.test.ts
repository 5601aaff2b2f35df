import { existsSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { placesOf } from './folders.ts'
import { podProcess } from './pod.ts'
import { status } from './status.ts'
import { destroy } from './stop.ts'
import { startTrial, waitingPods, type Trial } from './trial.ts'

let first: Trial
let second: Trial

beforeAll(async () => {
  // The same name in two state folders: nothing of the machine's may be shared by it.
  first = await startTrial('twin')
  second = await startTrial('twin')
})

afterAll(async () => {
  await first?.remove()
  await second?.remove()
})

test('two sandboxes of one name, in two state folders, have nothing in common', async () => {
  await Promise.all([first, second].map((it) => it.apply(...waitingPods('side', 'pod'))))
  for (const trial of [first, second]) {
    await trial.kubectl(['wait', 'pod/pod', '-n', 'side', '--for=condition=Ready', '--timeout=60s'])
  }
  const ports = await Promise.all([first, second].map(async (it) => (await status(it)).ok && (await status(it))))
  const uids = await Promise.all(
    [first, second].map((it) => it.kubectl(['get', 'ns', 'side', '-o=jsonpath={.metadata.uid}'])),
  )
  expect(uids[0]).not.toBe(uids[1])
  expect(placesOf(first.folders, 'twin').group).not.toBe(placesOf(second.folders, 'twin').group)
  expect(ports[0]).not.toEqual(ports[1])
})

test('destroying one leaves the other as it is', async () => {
  const pod = { namespace: 'side', pod: 'pod' }
  const before = await podProcess(second, pod)
  expect(await destroy(first)).toEqual({ ok: true })
  expect(existsSync(placesOf(first.folders, 'twin').root)).toBe(false)
  expect(await podProcess(second, pod)).toEqual(before)
  const { group } = placesOf(first.folders, 'twin')
  expect(readdirSync('/sys/fs/cgroup').filter((name) => existsSync(`/sys/fs/cgroup/${name}${group}`))).toEqual([])
})
