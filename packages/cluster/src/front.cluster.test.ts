import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dump, load } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { identityOf, type KubeObject } from '@homeslice/render'
import { kubeconfigPath } from '@homeslice/sandbox'
import { startTrial, type Trial, waitingPods } from '@homeslice/sandbox/trial'
import { labelsOfEstate } from './applyset.ts'
import { connect, type Connection } from './connection.ts'
import { bringUp, estateOf, objectsOf, type Shape } from './estate.testing.ts'
import { type Front, startFront } from './front.testing.ts'
import { listAll } from './objects.ts'

/** Ten minutes, or a short form of them. */
const stormSeconds = process.env.HOMESLICE_SOAK === '1' ? 600 : 40
const seed = Number(process.env.HOMESLICE_SEED ?? Math.floor(Math.random() * 1e9))
const folder = mkdtempSync(join(tmpdir(), 'homeslice-front-'))
let trial: Trial
let straight: Connection
let front: Front

const image =
  (waitingPods('x', 'x')[1] as { spec: { containers: { image: string }[] } }).spec.containers[0]?.image ?? ''
const homes: readonly [Record<string, Shape>, Record<string, Shape>] = [
  { stays: { image, value: '1' }, goes: { image, secret: 1 } },
  { stays: { image, value: '2', secret: 2 }, comes: { image, schedule: '0 4 * * *' } },
]

const connectTo = async (kubeconfig: string): Promise<Connection> => {
  const connected = await connect({ kubeconfig })
  if (!connected.ok) throw new Error(connected.message)
  return connected.connection
}

const names = (objects: readonly KubeObject[]): string[] => objects.map(identityOf).toSorted()

/** Brings a home up without the front, and checks that nothing but what it says is there. */
const converges = async (home: string, services: Record<string, Shape>): Promise<void> => {
  const desired = objectsOf(estateOf(home), services)
  const applied = await bringUp(straight, { estate: estateOf(home), desired, deadlineSeconds: 60 })
  expect(applied.ok ? applied.services.filter(({ ready }) => !ready) : applied).toEqual([])
  const listed = await listAll(straight, labelsOfEstate(estateOf(home)))
  expect(listed.ok && names(listed.objects)).toEqual(names(desired))
}

/** The same through the front, however it goes. */
const tryUp = async (home: string, services: Record<string, Shape>, told?: (detail?: string) => void) => {
  const connected = await connect({ kubeconfig: front.kubeconfig })
  if (!connected.ok) return connected
  const estate = estateOf(home)
  return bringUp(connected.connection, {
    estate,
    desired: objectsOf(estate, services),
    deadlineSeconds: 60,
    report: ({ detail }) => told?.(detail),
  })
}

beforeAll(async () => {
  trial = await startTrial('front')
  straight = await connectTo(kubeconfigPath(trial))
  front = await startFront(kubeconfigPath(trial), join(folder, 'front'), seed)
})
afterAll(async () => {
  await front?.leave()
  rmSync(folder, { recursive: true, force: true })
  await trial?.remove()
})

describe('an API server on a bad day', () => {
  it('that is slow, two seconds an answer, is waited for', async () => {
    front.be({ delayMilliseconds: 2000 })
    expect(await tryUp('slow', { web: { image, value: '1' } })).toMatchObject({ ok: true, services: [{ ready: true }] })
    front.be({})
  })

  it('that goes away in the middle is said to be away, and what was begun is finished the next time', async () => {
    let applied = 0
    const ended = await tryUp('away', homes[0], (detail = '') => {
      applied += detail.startsWith('applied') ? 1 : 0
      if (applied === 6) void front.leave()
    })
    expect(ended).toMatchObject({
      ok: false,
      kind: 'unreachable',
      message: expect.stringContaining('nothing answers at'),
    })
    await front.comeBack()
    await converges('away', homes[1])
  })

  it(`that answers 409, 429, 500 and 503 and cuts connections as it likes, for ${stormSeconds} s`, async () => {
    const outcomes = new Map<string, number>()
    const end = performance.now() + stormSeconds * 1000
    let runs = 0
    // On a busy machine the time is over before one got through: then until one does.
    while (performance.now() < end || !outcomes.has('done')) {
      front.be({ statuses: [409, 429, 500, 503], share: 0.15, cut: 0.05 })
      const services = homes[runs % 2] ?? {}
      const ended = await tryUp('storm', services)
      const how = ended.ok ? 'done' : 'stopped' in ended ? 'stopped' : `${ended.kind}: ${ended.message.slice(0, 60)}`
      outcomes.set(how, (outcomes.get(how) ?? 0) + 1)
      front.be({})
      await converges('storm', services)
      runs += 1
    }
    const done = outcomes.get('done') ?? 0
    process.stdout.write(
      `storm: seed ${seed}, ${runs} runs in ${stormSeconds} s, ${done} done, ${runs - done} ended with a sentence\n`,
    )
    expect([...outcomes.keys()].filter((how) => !/^(done|(failed|refused|unreachable): .{10})/u.test(how))).toEqual([])
  }, 900_000)

  it('whose database is full says so, and goes on once there is room', async () => {
    await converges('full', homes[0])
    const { header } = (await trial.etcd('maintenance/status', {})) as { header: { member_id: string } }
    const alarm = { memberID: header.member_id, alarm: 'NOSPACE' }
    await trial.etcd('maintenance/alarm', { ...alarm, action: 'ACTIVATE' })
    const ended = await tryUp('full', homes[1])
    await trial.etcd('maintenance/alarm', { ...alarm, action: 'DEACTIVATE' })
    expect(ended).toMatchObject({ ok: false, kind: 'failed', message: expect.stringContaining('its database is full') })
    await converges('full', homes[1])
  })

  it('with a webhook that cannot be asked, or a policy that refuses, says whose word that was', async () => {
    await converges('hooked', homes[0])
    const rules = [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
    ]
    const namespaceSelector = { matchLabels: { 'homeslice.dev/home': 'hooked' } }
    await trial.apply({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'nosy' },
      webhooks: [
        {
          name: 'nosy.example.test',
          clientConfig: { url: 'https://127.0.0.1:1/' },
          rules,
          namespaceSelector,
          failurePolicy: 'Fail',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          timeoutSeconds: 1,
        },
      ],
    })
    // A write that is refused shows that the server knows of it.
    const map = ['create', 'configmap', 'probe', '-n', 'hooked-prod-stays', '--dry-run=server']
    await expect.poll(() => trial.kubectl(map).catch(String), { timeout: 20_000 }).toContain('nosy.example.test')
    const unasked = await tryUp('hooked', homes[1])
    await trial.kubectl(['delete', 'validatingwebhookconfiguration', 'nosy'])
    expect(unasked).toMatchObject({ ok: false, kind: 'failed', message: expect.stringContaining('nosy.example.test') })
    await trial.apply(
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: 'strict' },
        spec: {
          failurePolicy: 'Fail',
          matchConstraints: { resourceRules: rules, namespaceSelector },
          validations: [{ expression: 'false', message: 'the house rules forbid it' }],
        },
      },
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name: 'strict' },
        spec: { policyName: 'strict', validationActions: ['Deny'] },
      },
    )
    await expect.poll(() => trial.kubectl(map).catch(String), { timeout: 20_000 }).toContain('house rules')
    const forbidden = await tryUp('hooked', homes[1])
    await trial.kubectl(['delete', 'validatingadmissionpolicy,validatingadmissionpolicybinding', 'strict'])
    expect(forbidden).toMatchObject({
      ok: false,
      kind: 'failed',
      message: expect.stringContaining('the house rules forbid it'),
    })
    await expect.poll(() => trial.kubectl(map).catch(String), { timeout: 20_000 }).toContain('created')
    await converges('hooked', homes[1])
  })
})

describe('credentials', () => {
  type Config = { users: { user: object }[] }
  const withUser = (name: string, user: object): string => {
    const config = load(readFileSync(kubeconfigPath(trial), 'utf8')) as Config
    if (config.users[0]) config.users[0].user = user
    const path = join(folder, name)
    writeFileSync(path, dump(config))
    return path
  }
  const plugin = (name: string, script: string): string => {
    const command = join(folder, `${name}.sh`)
    writeFileSync(command, `#!/bin/sh\n${script}\n`)
    chmodSync(command, 0o755)
    return withUser(name, {
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never' },
    })
  }

  it('that a program gives are used', async () => {
    await trial.kubectl(['create', 'serviceaccount', 'somebody', '-n', 'default'])
    const token = (await trial.kubectl(['create', 'token', 'somebody', '-n', 'default'])).trim()
    const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } }
    expect(await connect({ kubeconfig: plugin('good', `echo '${JSON.stringify(credential)}'`) })).toMatchObject({
      ok: true,
    })
  })

  it.each([
    ['fails', 'echo "sign in first" >&2; exit 1', 'sign in first'],
    ['talks nonsense', 'echo hello', 'no credentials for'],
    ['says nothing', 'echo "{}"', 'no credentials for'],
  ])('of a program that %s end in a sentence', async (name, script, words) => {
    expect(await connect({ kubeconfig: plugin(name.replace(' ', '-'), script) })).toMatchObject({
      ok: false,
      kind: 'unreachable',
      message: expect.stringContaining(words),
    })
  })

  it('of a program that is not there end in a sentence', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: join(folder, 'nowhere') }
    expect(await connect({ kubeconfig: withUser('nowhere', { exec }) })).toMatchObject({
      ok: false,
      kind: 'unreachable',
      message: expect.stringMatching(/no credentials for .*nowhere/u),
    })
  })

  it('that have run out end in a sentence', async () => {
    const pki = join(trial.folders.state, 'sandbox', 'front', 'pki')
    const at = (file: string): string => join(folder, file)
    const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' })
    openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      at('old.key'),
      '-out',
      at('old.csr'),
      '-subj',
      '/O=system:masters/CN=old',
    )
    openssl(
      'x509',
      '-req',
      '-in',
      at('old.csr'),
      '-CA',
      join(pki, 'ca.crt'),
      '-CAkey',
      join(pki, 'ca.key'),
      '-CAcreateserial',
      '-CAserial',
      at('serial'),
      '-days',
      '0',
      '-out',
      at('old.crt'),
    )
    await new Promise((resolve) => setTimeout(resolve, 1100))
    const kubeconfig = withUser('old', { 'client-certificate': at('old.crt'), 'client-key': at('old.key') })
    expect(await connect({ kubeconfig })).toMatchObject({
      ok: false,
      kind: 'unreachable',
      message: expect.stringContaining('does not know who you are'),
    })
  })
})
