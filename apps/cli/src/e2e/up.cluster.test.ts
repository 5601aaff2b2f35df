import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { grades } from '@homeslice/plan'
import { type House, houseText, startHouse } from '@homeslice/testing'

const change = z.strictObject({
  object: z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    namespace: z.string().optional(),
    name: z.string(),
  }),
  action: z.enum(['create', 'update', 'replace', 'delete']),
  grades: z.array(z.enum(grades)).min(1),
  reason: z.string().min(1),
  downtimeSeconds: z.number().optional(),
})
const planShape = z.strictObject({
  environment: z.string(),
  changes: z.array(change),
  stopped: z.array(z.strictObject({ grade: z.string(), subject: z.string(), allow: z.string() })),
})
const failure = z.strictObject({
  message: z.string(),
  fix: z.string().optional(),
  file: z.string().optional(),
  line: z.number().optional(),
  column: z.number().optional(),
})
const upShape = z.strictObject({
  environment: z.string(),
  created: z.number(),
  updated: z.number(),
  deleted: z.number(),
  unchanged: z.number(),
  services: z.array(
    z.strictObject({ name: z.string(), ready: z.boolean(), reason: z.string().optional(), url: z.string().optional() }),
  ),
  seconds: z.number(),
})
const statusShape = z.strictObject({
  environment: z.string(),
  cluster: z.strictObject({ name: z.string(), version: z.string(), kind: z.enum(['sandbox', 'context']) }),
  services: z.array(
    z.strictObject({
      name: z.string(),
      ready: z.boolean(),
      reason: z.string().optional(),
      version: z.string().regex(/^\d+$/u),
      image: z.string(),
      url: z.string().optional(),
      since: z.iso.datetime(),
    }),
  ),
  drift: z.strictObject({ count: z.literal(0), seen: z.iso.datetime() }).optional(),
})

let house: House
const up = async (...more: string[]) => {
  const ended = await house.homeslice('up', '--json', ...more)
  return { ...ended, document: JSON.parse(ended.stdout) as unknown }
}
const state = async (device: string): Promise<boolean> => {
  const text = await house.kubectl(
    'get',
    '--raw',
    `/api/v1/namespaces/casa-prod-device-${device}/services/device-${device}:8000/proxy/state`,
  )
  return (JSON.parse(text) as { on: boolean }).on
}
const objectsOf = async (): Promise<string[]> => {
  const kinds = 'ns,sa,resourcequota,limitrange,netpol,secret,configmap,pvc,middleware,pdb,svc,deploy,cronjob,httproute'
  const list = JSON.parse(await house.kubectl('get', kinds, '-A', '-l', 'homeslice.dev/home=casa', '-o', 'json')) as {
    items: { kind: string; metadata: { namespace?: string; name: string } }[]
  }
  return list.items.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`).toSorted()
}

beforeAll(async () => {
  house = await startHouse()
  await house.write(houseText())
})
afterAll(() => house.remove())

describe('a whole house', () => {
  it('comes up, and answers through the gateway', async () => {
    const { code, document } = await up()
    const result = upShape.parse(document)
    expect([code, result.services.map(({ ready }) => ready)]).toEqual([0, [true, true, true]])
    expect(result.created).toBeGreaterThan(40)
    expect(await house.request('POST', '/api/v0/switches/porch/on/')).toEqual({ status: 200, body: 'OK' })
    expect(await state('porch')).toBe(true)
    expect(await house.request('POST', '/api/v0/buttons/a/on/')).toEqual({ status: 200, body: 'OK' })
    expect((await house.request('GET', '/api/v0/buttontimes/a/')).body).toMatch(/^ON:\d{4}\n$/u)
    expect((await house.request('GET', '/api/v0/clocktime/')).body).toMatch(/^\d{4}$/u)
  })

  it('changes nothing the second time', async () => {
    const { code, document } = await up()
    expect([code, upShape.parse(document)]).toMatchObject([0, { created: 0, updated: 0, deleted: 0 }])
    const plan = await house.homeslice('plan')
    expect([plan.code, plan.stdout]).toEqual([0, expect.stringMatching(/^nothing changes: \d+ objects/u) as string])
  })

  it('tells how it is, where it is and what it logged', async () => {
    const status = await house.homeslice('status', '--json')
    const { services, cluster } = statusShape.parse(JSON.parse(status.stdout))
    expect([cluster.kind, services.map(({ name }) => name)]).toEqual(['sandbox', ['clocktime', 'buttons', 'switches']])
    const open = await house.homeslice('open', 'switches', '--print')
    expect(open.stdout).toBe(`http://127.0.0.1:${house.gateway}/api/v0/switches/\n`)
    const logs = await house.homeslice('logs', 'switches', '--tail', '50')
    expect(logs.stdout).toContain('"path":"/api/v0/switches/porch/on/"')
    expect((await house.homeslice('open', 'attic', '--print')).code).toBe(2)
    expect((await house.homeslice('logs', 'attic')).code).toBe(2)
    const doctor = await house.homeslice('doctor')
    expect([doctor.code, doctor.stdout]).toEqual([0, expect.stringContaining('*.casa.test') as string])
  })

  it('lets only its LAN in', async () => {
    const asStranger = await house.kubectl(
      'get',
      'middleware',
      '-n',
      'casa-prod-clocktime',
      'home-only',
      '-o',
      'jsonpath={.spec.ipAllowList.sourceRange}',
    )
    expect(asStranger).toBe('["127.0.0.0/8"]')
    const gateway = (
      await house.kubectl(
        'get',
        'pods',
        '-n',
        'homeslice-gateway',
        '-l',
        'app.kubernetes.io/name=traefik',
        '-o',
        'jsonpath={.items[0].status.podIP}',
      )
    ).trim()
    // From the node itself, without the forwarder's word for it, the client is no client of the LAN.
    const { runInPod } = await import('@homeslice/sandbox')
    const pod = (
      await house.kubectl('get', 'pods', '-n', 'homeslice-gateway', '-o', 'jsonpath={.items[0].metadata.name}')
    ).trim()
    const done = await runInPod({ name: 'default', folders: house.folders }, { namespace: 'homeslice-gateway', pod }, [
      'curl',
      '-s',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      `http://${gateway}:8000/api/v0/clocktime/`,
    ])
    expect(done.ok && done.finished.stdout).toBe('403')
  })

  it('removes exactly the objects of a service that left the file', async () => {
    const before = await objectsOf()
    await house.write(houseText().replace(/ {2}buttons:.*\n/u, ''))
    const plan = planShape.parse(JSON.parse((await house.homeslice('plan', '--json')).stdout))
    const { code, document } = await up()
    const gone = before.filter((name) => name.includes('casa-prod-buttons'))
    expect([code, upShape.parse(document).deleted]).toEqual([0, gone.length])
    const deletes = plan.changes.filter(({ action }) => action === 'delete')
    expect(deletes).toHaveLength(gone.length)
    expect(deletes.find(({ object }) => object.kind === 'Deployment')).toMatchObject({
      grades: ['downtime'],
      reason: 'buttons would be removed',
    })
    expect(await objectsOf()).toEqual(before.filter((name) => !gone.includes(name)))
    expect((await house.request('GET', '/api/v0/buttons/a/')).status).toBe(404)
  })
})

describe('a route', () => {
  const clock = (who: string): string =>
    houseText().replace('{ use: clocktime }', `{ use: clocktime, routes: [{ who: ${who}, because: guests }] }`)

  it('opens to more people only when it is named, and then for good', async () => {
    await house.write(clock('home'))
    expect((await up()).code).toBe(0)
    await house.write(clock('everyone'))
    const plan = await house.homeslice('plan')
    expect([plan.code, plan.stdout]).toEqual([
      3,
      expect.stringMatching(
        /^EXPOSURE\n {2}clocktime would be open to everyone at \/api\/v0\/clocktime\/, so far to the home \(.*home\.yaml:\d+\)\n/u,
      ) as string,
    ])
    const route = () =>
      house.kubectl('get', 'httproute', '-n', 'casa-prod-clocktime', 'clocktime', '-o', 'jsonpath={.spec}')
    const before = await route()
    const stopped = await house.homeslice('up')
    expect([stopped.code, stopped.stderr]).toEqual([3, expect.stringContaining('--allow exposure:clocktime') as string])
    expect(await route()).toBe(before)
    expect((await up('--allow', 'exposure:clocktime')).code).toBe(0)
    expect(await house.homeslice('plan')).toMatchObject({ code: 0 })
    await house.write(houseText())
    expect((await up()).code).toBe(0)
  })
})

describe('a volume', () => {
  const notes = '  notes: { use: clocktime, routes: [], data: { /data: 16Mi } }\n'

  it('goes only when it is named', async () => {
    await house.write(houseText(notes))
    expect((await up()).code).toBe(0)
    await house.write(houseText())
    const plan = await house.homeslice('plan', '--json')
    const document = planShape.extend({ error: failure }).parse(JSON.parse(plan.stdout))
    expect([plan.code, document.stopped]).toEqual([
      3,
      [{ grade: 'data-loss', subject: 'notes', allow: 'data-loss:notes' }],
    ])
    expect(document.error.message).toContain('the volume /data of notes would be deleted with everything on it')
    const before = await objectsOf()
    const stopped = await house.homeslice('up')
    expect([stopped.code, stopped.stderr]).toEqual([3, expect.stringContaining('--allow data-loss:notes') as string])
    expect((await house.homeslice('up', '--allow', 'data-loss:other')).code).toBe(3)
    expect(await objectsOf()).toEqual(before)
    expect((await up('--allow', 'data-loss:notes')).code).toBe(0)
    expect((await objectsOf()).filter((name) => name.includes('notes'))).toEqual([])
  })

  it('is asked about by name, whoever sits before it', async () => {
    await house.write(houseText(notes))
    expect((await up()).code).toBe(0)
    await house.write(houseText())
    const before = await objectsOf()
    const { code, screen } = await house.onTerminal('up').ended
    expect([code, screen]).toEqual([3, expect.stringContaining('--allow data-loss:notes') as string])
    expect(await objectsOf()).toEqual(before)
  })

  it.each([
    ['Ctrl-C', '\u0003', 130, 'interrupted; nothing was changed'],
    ['no', 'n', 3, 'nothing was changed, as you said'],
  ])('stays, with all the rest, where the question about it is answered with %s', async (_, keys, exit, words) => {
    const before = await objectsOf()
    const terminal = house.onTerminal('destroy')
    await terminal.shows('Remove casa (prod)')
    terminal.type(keys)
    const { code, screen } = await terminal.ended
    expect([code, screen]).toEqual([exit, expect.stringContaining(words) as string])
    expect(await objectsOf()).toEqual(before)
  })

  it('survives `destroy --yes`, with its namespace, and is listed', async () => {
    await house.write(houseText(notes))
    expect((await up()).code).toBe(0)
    expect((await house.homeslice('destroy')).code).toBe(3)
    const destroyed = await house.homeslice('destroy', '--yes')
    expect([destroyed.code, destroyed.stdout]).toEqual([
      0,
      expect.stringContaining('kept: PersistentVolumeClaim casa-prod-notes/data-data') as string,
    ])
    expect(await objectsOf()).toEqual(['Namespace /casa-prod-notes', 'PersistentVolumeClaim casa-prod-notes/data-data'])
    expect((await up()).code).toBe(0)
    expect((await house.homeslice('destroy', '--yes', '--allow', 'data-loss:notes')).code).toBe(0)
    expect(await objectsOf()).toEqual([])
  })
})
