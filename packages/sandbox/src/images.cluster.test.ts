import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeImage } from '@homeslice/images'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtNames } from './built.ts'
import { start } from './start.ts'
import { destroy } from './stop.ts'
import { startTrial, waitingPods, type Trial } from './trial.ts'
import { absentImages, importImages } from './use.ts'

let trial: Trial
let folder: string

beforeAll(async () => {
  folder = mkdtempSync('/tmp/homeslice-images-')
  trial = await startTrial('images')
})

afterAll(async () => {
  await trial?.remove()
  rmSync(folder, { recursive: true })
})

const podOf = (name: string, image: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'images' },
  spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image, imagePullPolicy: 'IfNotPresent' }] },
})

test('an image is imported once, and pods find it by its tag and by its digest', async () => {
  const reference = 'images.test/waiting:one'
  const from = join(trial.folders.cache, 'bin', builtNames().pause, 'pause')
  const tar = join(folder, 'waiting.tar')
  const { digest } = await writeImage(
    { layers: [[{ path: 'main', mode: 0o755, content: { kind: 'file', from } }]], entrypoint: ['/main'], user: '1:1' },
    { out: tar, reference, cache: folder },
  )
  expect(await importImages(trial, [{ tar, reference }])).toEqual({ ok: true, imported: [reference] })
  expect(await importImages(trial, [{ tar, reference }])).toEqual({ ok: true, imported: [] })
  const none = 'images.test/none:one'
  expect(await absentImages(trial, [reference, none])).toEqual({ ok: true, absent: [none] })

  await trial.apply(...waitingPods('images'))
  await trial.apply(podOf('by-tag', reference), podOf('by-digest', `images.test/waiting@${digest}`))
  await trial.kubectl(['wait', 'pod', '--all', '-n', 'images', '--for=condition=Ready', '--timeout=30s'])
})

test('a tar that is none, or holds another image, is refused in words', async () => {
  const missing = { tar: join(folder, 'missing.tar'), reference: 'images.test/missing:one' }
  expect(await importImages(trial, [missing])).toMatchObject({
    ok: false,
    message: expect.stringContaining('missing.tar'),
  })
  const other = { tar: join(folder, 'waiting.tar'), reference: 'images.test/other:one' }
  expect(await importImages(trial, [other])).toMatchObject({
    ok: false,
    message: expect.stringContaining('another image'),
  })
})

test('a start that was killed at any moment is finished by the next one', async () => {
  const name = 'killed'
  const script = `import { start } from '${join(import.meta.dirname, 'start.ts')}'
await start(${JSON.stringify({ name, folders: trial.folders, durable: true })})`
  for (const moment of [150, 500, 1500, 3500]) {
    const starting = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: 'ignore' })
    await sleep(moment)
    starting.kill('SIGKILL')
  }
  const twice = await Promise.all([start({ name, folders: trial.folders }), start({ name, folders: trial.folders })])
  expect(twice).toMatchObject([{ ok: true }, { ok: true }])
  expect(await destroy({ name, folders: trial.folders })).toEqual({ ok: true })
})
