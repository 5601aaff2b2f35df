import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlPath } from '@homeslice/sandbox'
import { gateway, startTheirs, type Theirs } from './k3s.testing.ts'

let theirs: Theirs
let casa = ''
let before: Readonly<Record<string, string>> = {}

const context = 'homeslice-context'
const home = (name: string, services: string, cluster = ''): string => `version: 1
home: { name: ${name}, timezone: Europe/Lisbon, domain: ${name}.test }
cluster: { context: ${context}, lan: [127.0.0.0/8]${cluster} }
services:
${services}
`
const atHome = '[{ who: home, paths: [/api/v0/clocktime/] }]'
const clockAs = (name: string, { location = 'Europe/Lisbon', routes = atHome } = {}): string =>
  `  ${name}: { image: "${theirs.images.clocktime}", port: 8000, env: { LOCATION: ${location} }, routes: ${routes}, probes: { readiness: { http: / } } }`
const clock = (): string => clockAs('clocktime')
const second = (): string =>
  `  buttons: { image: "${theirs.images.buttons}", port: 8000, needs: [clocktime], env: { CLOCKTIME_URL: { service: clocktime } }, routes: [{ who: home, paths: [/api/v0/buttons/] }] }`

const up = async (file: string, as?: string) => {
  const { code, stdout, stderr } = await theirs.homeslice(['up', '--json', '--file', file], as)
  return { code, stderr, document: JSON.parse(stdout) as Record<string, unknown> }
}
/** The result of an `up` that has to do all it should. */
const done = async (file: string, as?: string): Promise<object> => {
  const { code, document } = await up(file, as)
  expect([code, document.error]).toEqual([0, undefined])
  return document
}
/** The gateway hears of new pods a moment after they are ready. */
const answers = () => expect.poll(() => theirs.request('/api/v0/clocktime/now'), { timeout: 20_000 }).toBe(200)
/** What runs ends a moment after it was removed. */
const emptied = (service: string) =>
  expect
    .poll(() => theirs.get('deploy,svc,httproute,netpol,pods', '-n', `casa-prod-${service}`), { timeout: 60_000 })
    .toEqual([])
const same = { created: 0, updated: 0, deleted: 0 }

beforeAll(async () => {
  theirs = await startTheirs('context')
  casa = await theirs.write('casa.yaml', home('casa', `${clock()}\n${second()}`))
})
afterAll(() => theirs?.remove())

describe('an account with nothing but the rights that doctor prints', () => {
  let account = ''
  const kubectl = (args: readonly string[]): Promise<{ code: number | null; stderr: string }> =>
    new Promise((resolve) => {
      const child = spawn(kubectlPath(theirs.trial.folders), [`--kubeconfig=${account}`, ...args])
      let stderr = ''
      child.stderr.on('data', (chunk) => (stderr += String(chunk)))
      child.on('close', (code) => resolve({ code, stderr }))
    })

  beforeAll(async () => {
    await theirs.trial.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'people' } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'ana', namespace: 'people' } },
    )
  })

  const become = async (name: string, namespace: string): Promise<string> => {
    const token = (await theirs.trial.kubectl(['create', 'token', name, '-n', namespace])).trim()
    const text = await readFile(theirs.kubeconfig, 'utf8')
    const path = join(theirs.folder, `${name}.kubeconfig`)
    await writeFile(
      path,
      text.replace(/client-certificate-data: .*/u, `token: ${token}`).replace(/\n *client-key-data: .*/u, ''),
    )
    return path
  }

  it('is told every right that it lacks, at once, before it has any', async () => {
    const nobody = await become('ana', 'people')
    const { code, document } = await up(casa, nobody)
    const { message, fix } = document.error as { message: string; fix: string }
    expect(code).toBe(1)
    for (const words of [
      'you may not create namespaces in the whole cluster',
      'configmaps and secrets in homeslice-system',
      'you may not get, create and update leases.coordination.k8s.io in homeslice-system',
      'deployments.apps',
      'in casa-prod-buttons and casa-prod-clocktime',
      'you may not get validatingadmissionpolicies.admissionregistration.k8s.io and validatingadmissionpolicybindings.admissionregistration.k8s.io in the whole cluster',
      'you may not list httproutes.gateway.networking.k8s.io in the whole cluster',
    ]) {
      expect(message).toContain(words)
    }
    expect(fix).toContain('homeslice doctor --rbac')
    expect(await theirs.get('namespaces', '-l', 'homeslice.dev/home=casa')).toEqual([])
  })

  it('brings the home up', async () => {
    const { stdout, code } = await theirs.homeslice(['doctor', '--rbac', '--file', casa])
    expect(code).toBe(0)
    await theirs.trial.kubectl(['apply', '-f', '-'], stdout)
    account = await become('homeslice', 'homeslice-system')
    expect((await kubectl(['get', 'pods', '-A'])).code).not.toBe(0)
    expect((await kubectl(['get', 'namespaces'])).code).not.toBe(0)
    expect(await done(casa, account)).toMatchObject({ services: [{ ready: true }, { ready: true }] })
    await answers()
    expect(await done(casa, account)).toMatchObject(same)
  })

  it('sees it: plan, status, logs, doctor', async () => {
    expect((await theirs.homeslice(['plan', '--file', casa], account)).stdout).toContain('nothing changes')
    const status = await theirs.homeslice(['status', '--file', casa], account)
    expect([status.code, status.stdout.match(/ ready /gu)]).toEqual([0, [' ready ', ' ready ']])
    expect(await theirs.homeslice(['logs', 'clocktime', '--file', casa], account)).toMatchObject({ code: 0 })
    const doctor = await theirs.homeslice(['doctor', '--file', casa], account)
    expect([doctor.code, doctor.stdout]).toEqual([0, expect.stringContaining('ok  rights') as string])
  })

  it('changes a service, and removes one: its namespace stays, empty, and that is said once', async () => {
    await theirs.write('casa.yaml', home('casa', clockAs('clocktime', { location: 'UTC' })))
    const planned = await theirs.homeslice(['plan', '--file', casa], account)
    expect(planned.stdout).toContain('the namespace casa-prod-buttons stays, empty: you may not delete it')
    expect(await done(casa, account)).toMatchObject({ updated: 2 })
    await emptied('buttons')
    expect(await done(casa, account)).toMatchObject(same)
    const again = await theirs.homeslice(['up', '--file', casa], account)
    expect(again.stdout).not.toContain('stays, empty')
  })

  it('is refused a service that it was given no namespace for, in words, before anything is written', async () => {
    const more = await theirs.write('casa.yaml', home('casa', `${clock()}\n${clockAs('more', { routes: '[]' })}`))
    const { code, document } = await up(more, account)
    const { message } = document.error as { message: string }
    expect([code, message]).toEqual([1, expect.stringContaining('you may not create namespaces') as string])
    expect(message).toContain('in casa-prod-more')
    await theirs.write('casa.yaml', home('casa', clock()))
  })

  it('takes the home down, but for the namespaces', async () => {
    const gone = await theirs.homeslice(['destroy', '--yes', '--file', casa], account)
    expect([gone.code, gone.stdout]).toEqual([0, expect.stringContaining('casa-prod-clocktime stays, empty') as string])
    await emptied('clocktime')
    expect(await theirs.get('configmaps', '-n', 'homeslice-system', '-l', 'homeslice.dev/parent-home=casa')).toEqual([])
  })
})

describe('a home on a cluster of somebody else', () => {
  beforeAll(async () => {
    await theirs.write('casa.yaml', home('casa', clock()))
    before = await theirs.versions()
  })

  it('is told by doctor that all is there, and what cannot be asked', async () => {
    const { code, stdout } = await theirs.homeslice(['doctor', '--file', casa])
    expect(stdout).toContain('ok  gateway: kube-system/traefik-gateway takes our routes')
    expect(stdout).toContain('ok  rights: you may do all that `up` does')
    expect(stdout).toContain('??  network policy: whether this cluster keeps it cannot be asked')
    expect(stdout).toContain(`*.casa.test -> ${theirs.address}`)
    expect(code).toBe(0)
  })

  it('comes up through their gateway, at the address that their cluster tells', async () => {
    const url = `http://${theirs.address}/api/v0/clocktime/`
    expect(await done(casa)).toMatchObject({ services: [{ name: 'clocktime', ready: true, url }] })
    await answers()
    const opened = await theirs.homeslice(['open', 'clocktime', '--print', '--file', casa])
    expect(opened).toMatchObject({ code: 0, stdout: `${url}\n` })
    expect((await theirs.homeslice(['status', '--file', casa])).stdout).toContain(url)
    expect(await done(casa)).toMatchObject(same)
  })

  it('does not fight with a manager that forces its own fields on our Deployment', async () => {
    const theirFields = JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'clocktime', namespace: 'casa-prod-clocktime', annotations: { 'scaler.test/by': 'it' } },
      spec: { replicas: 2 },
    })
    const force = ['apply', '--server-side', '--force-conflicts', '--field-manager=scaler', '-f', '-']
    let stop = false
    const manager = (async () => {
      while (!stop) {
        await theirs.trial.kubectl(force, theirFields)
        await new Promise((resolve) => setTimeout(resolve, 2000))
      }
    })()
    try {
      await new Promise((resolve) => setTimeout(resolve, 1000))
      expect(await done(casa)).toMatchObject(same)
      const changed = await theirs.write('casa.yaml', home('casa', clockAs('clocktime', { location: 'UTC' })))
      expect(await done(changed)).toMatchObject({ updated: 1 })
      expect(await done(changed)).toMatchObject(same)
    } finally {
      stop = true
      await manager
    }
    const [deployment] = await theirs.get('deployments', '-n', 'casa-prod-clocktime')
    expect(deployment).toMatchObject({ metadata: { annotations: { 'scaler.test/by': 'it' } }, spec: { replicas: 2 } })
  })

  it('shows in the plan whose field it would take back, and takes exactly that', async () => {
    const edit = ['set', 'env', 'deployment/clocktime', '-n', 'casa-prod-clocktime', 'LOCATION=Asia/Tokyo']
    await theirs.trial.kubectl([...edit, '--field-manager=kubectl-edit'])
    const planned = await theirs.homeslice(['plan', '--file', casa])
    expect(planned.stdout).toMatch(
      /~ Deployment casa-prod-clocktime\/clocktime: variable LOCATION, taken back from kubectl-edit/u,
    )
    expect(await done(casa)).toMatchObject({ updated: 1 })
    expect((await theirs.homeslice(['plan', '--file', casa])).stdout).toContain('nothing changes')
  })

  it('is refused an address that another home has on the same gateway, before anything is written', async () => {
    const villa = await theirs.write('villa.yaml', home('villa', clock()))
    const mine = await theirs.get('deployments,httproutes', '-n', 'casa-prod-clocktime')
    const refused = await up(villa)
    expect(refused.code).toBe(3)
    expect(refused.document).toMatchObject({
      error: {
        message: expect.stringMatching(
          /^nothing was changed, .*\/api\/v0\/clocktime, a route of clocktime, is held by the home casa \(prod\), by HTTPRoute casa-prod-clocktime\/clocktime$/u,
        ) as string,
      },
    })
    expect(await theirs.get('namespaces', '-l', 'homeslice.dev/home=villa')).toEqual([])
    expect(await theirs.get('leases', '-n', 'homeslice-system', '--field-selector=metadata.name=villa-prod')).toEqual(
      [],
    )
    const planned = await theirs.homeslice(['plan', '--file', villa])
    expect([planned.code, planned.stderr]).toEqual([3, expect.stringContaining('is held by the home casa') as string])
    const elsewhere = await theirs.write(
      'villa.yaml',
      home('villa', clockAs('clocktime', { routes: '[{ who: home, host: clock.villa.test, paths: [/] }]' })),
    )
    const url = 'http://clock.villa.test/'
    expect(await done(elsewhere)).toMatchObject({ services: [{ ready: true, url }] })
    expect((await theirs.homeslice(['destroy', '--yes', '--file', elsewhere])).code).toBe(0)
    const after = await theirs.get('deployments,httproutes', '-n', 'casa-prod-clocktime')
    expect(after.map(({ metadata }) => metadata.generation)).toEqual(mine.map(({ metadata }) => metadata.generation))
  })

  it('is told at once what the cluster lacks, and writes nothing', async () => {
    const lacking = await theirs.write(
      'casa2.yaml',
      home(
        'casa',
        `${clock()}\n  notes: { image: "x.test/x:1", data: { /data: { size: 8Mi, class: fast } } }`,
        ', gateway: { namespace: kube-system, name: traefik-gateway, section: websecure }',
      ),
    )
    const count = (await theirs.get('namespaces')).length
    const { code, document } = await up(lacking)
    expect([code, document.error]).toEqual([
      1,
      {
        message: expect.stringMatching(/has no listener websecure[\s\S]*there is no storage class fast/u) as string,
        fix: expect.stringContaining('name one of its listeners in cluster.gateway.section: web') as string,
      },
    ])
    expect(await theirs.get('namespaces')).toHaveLength(count)
  })

  it('goes, and nothing that is not ours was touched', async () => {
    expect((await theirs.homeslice(['destroy', '--yes', '--file', casa])).code).toBe(0)
    expect(await theirs.get('namespaces', '-l', 'homeslice.dev/home=casa')).toEqual([])
    expect(await theirs.versions()).toEqual(before)
  })

  it('is told of a gateway that takes no routes of ours', async () => {
    await theirs.trial.apply(gateway('Same'))
    const doctor = await theirs.homeslice(['doctor', '--file', casa])
    expect([doctor.code, doctor.stdout]).toEqual([
      1,
      expect.stringContaining(
        'the listener web of the Gateway kube-system/traefik-gateway takes no routes from casa-prod-clocktime',
      ) as string,
    ])
    await theirs.trial.apply(gateway('All'))
  })
})
