import { describe, expect, it } from 'vitest'
import type { KubeObject } from '@homeslice/render'
import { additionsOf, withoutAdditions } from './additions.ts'
import { type Drift, driftOf, hasOurValues, withoutObvious } from './drift.ts'
import { type Group, groupsAt } from './group.ts'
import { editedBy, writtenBy } from './managed.testing.ts'
import { desiredOf } from './server.testing.ts'
import { suspectsOf } from './plan.ts'
import { overlaid, takenOver } from './take-over.ts'

const text = (replicas = ''): string => `version: 1
home: { name: casa, timezone: UTC, domain: casa.test }
services:
  notes: { image: "registry.test/notes:1", port: 8080, env: { TOKEN: { secret: token }, SIZE: "3" }, files: { /etc/notes: "text" }, data: { /data: 1Gi }, routes: [{ who: home }]${replicas} }
`
const objects = desiredOf(text(), 'prod')
const of = (kind: string, name?: string, all = objects): KubeObject => {
  const found = all.find((one) => one.kind === kind && (name === undefined || one.metadata.name === name))
  if (found === undefined) throw new Error(`no ${kind}`)
  return found
}

// oxlint-disable-next-line typescript/no-explicit-any -- edits walk objects as whoever edits them does: without our types
type Loose = any
type Edit = (object: Loose) => void

/** An object as somebody leaves it who edits it by hand. */
const edited = (applied: KubeObject, edit: Edit, who = { manager: 'kubectl-edit' }, live = writtenBy(applied)) => {
  const next = structuredClone(live)
  edit(next)
  return editedBy(live, next, who)
}
const container = (object: Loose): Loose => object.spec.template.spec.containers[0]
const words = ({ change, path, before, after, manager, operation, time }: Drift): string =>
  [
    `${change} ${path ?? ''}`.trim(),
    ...(before === undefined ? [] : [`was ${before}`]),
    ...(after === undefined ? [] : [`is ${after}`]),
    `by ${manager ?? 'somebody'}${operation === undefined ? '' : ` (${operation} ${time})`}`,
  ].join(', ')
const by = 'by kubectl-edit (Update 2026-02-03T04:05:06Z)'
const pod = 'spec.template.spec'
const here = `${pod}.containers[notes]`

type Row = readonly [what: string, kind: string, name: string | undefined, edit: Edit, found: readonly string[]]

const rows: readonly Row[] = [
  ['nothing', 'Deployment', undefined, () => undefined, []],
  [
    'an image',
    'Deployment',
    undefined,
    (one) => (container(one).image = 'x:2'),
    [`changed ${here}.image, was registry.test/notes:1, is x:2, ${by}`],
  ],
  [
    'a variable more',
    'Deployment',
    undefined,
    (one) => container(one).env.push({ name: 'MORE', value: '1' }),
    [`added ${here}.env[MORE], is {"name":"MORE","value":"1"}, ${by}`],
  ],
  [
    'the value of a variable',
    'Deployment',
    undefined,
    (one) => (container(one).env[0].value = '4'),
    [`changed ${here}.env[SIZE].value, was 3, is 4, ${by}`],
  ],
  [
    'a long value',
    'Deployment',
    undefined,
    (one) => (container(one).env[0].value = '4'.repeat(81)),
    [`changed ${here}.env[SIZE].value, was 3, ${by}`],
  ],
  [
    'a variable less',
    'Deployment',
    undefined,
    (one) => container(one).env.shift(),
    [`removed ${here}.env[SIZE], was {"name":"SIZE","value":"3"}, by somebody`],
  ],
  ['replicas that the home does not declare', 'Deployment', undefined, (one) => (one.spec.replicas = 3), []],
  [
    'a limit',
    'Deployment',
    undefined,
    (one) => (container(one).resources.limits.memory = '1Gi'),
    [`changed ${here}.resources.limits.memory, was 128Mi, is 1Gi, ${by}`],
  ],
  [
    'a probe less',
    'Deployment',
    undefined,
    (one) => delete container(one).livenessProbe,
    [`removed ${here}.livenessProbe, by somebody`],
  ],
  [
    'a foreign container',
    'Deployment',
    undefined,
    (one) => one.spec.template.spec.containers.push({ name: 'spy', image: 'spy:1' }),
    [`added ${pod}.containers[spy], is {"name":"spy","image":"spy:1"}, ${by}`],
  ],
  ['a pause', 'Deployment', undefined, (one) => (one.spec.paused = true), [`added spec.paused, is true, ${by}`]],
  [
    'labels and annotations of others, also at pods, and how it is',
    'Deployment',
    undefined,
    (one) => {
      one.metadata.labels.theirs = '1'
      one.metadata.annotations = { theirs: '1' }
      one.spec.template.metadata.annotations = { restarted: '1' }
      one.status = { replicas: 1 }
    },
    [],
  ],
  [
    'a label of ours less',
    'Service',
    undefined,
    (one) => delete one.metadata.labels.owner,
    ['removed metadata.labels.owner, was casa, by somebody'],
  ],
  [
    'a port of a Service',
    'Service',
    undefined,
    (one) => (one.spec.ports[0].port = 81),
    [
      'removed spec.ports[80], was {"name":"http","port":80,"targetPort":8080,"protocol":"TCP"}, by somebody',
      `added spec.ports[81], is {"name":"http","port":81,"targetPort":8080,"protocol":"TCP"}, ${by}`,
    ],
  ],
  [
    'a second port of a Service',
    'Service',
    undefined,
    (one) => one.spec.ports.push({ name: 'more', port: 81, targetPort: 1, protocol: 'TCP' }),
    [`added spec.ports[81], is {"name":"more","port":81,"targetPort":1,"protocol":"TCP"}, ${by}`],
  ],
  [
    'whom a Service leads to',
    'Service',
    undefined,
    (one) => (one.spec.selector['app.kubernetes.io/name'] = 'spy'),
    [`changed spec.selector.app.kubernetes.io/name, was notes, is spy, ${by}`],
  ],
  [
    'what a route leads to',
    'HTTPRoute',
    undefined,
    (one) => (one.spec.rules[0].backendRefs[0].name = 'spy'),
    [`changed spec.rules[0].backendRefs[0].name, was notes, is spy, ${by}`],
  ],
  [
    'what a route serves',
    'HTTPRoute',
    undefined,
    (one) => (one.spec.rules[0].matches[0].path.value = '/all'),
    [`changed spec.rules[0].matches[0].path.value, was /, is /all, ${by}`],
  ],
  [
    'what a route had no word about',
    'HTTPRoute',
    undefined,
    (one) => (one.spec.rules[0].timeouts = { request: '1s' }),
    [`added spec.rules[0].timeouts, is {"request":"1s"}, ${by}`],
  ],
  ['a wider policy', 'NetworkPolicy', 'notes', (one) => one.spec.ingress.push({}), [`changed spec.ingress, ${by}`]],
  [
    'a policy that lets nothing in',
    'NetworkPolicy',
    'default-deny',
    (one) => (one.spec.ingress = [{}]),
    [`added spec.ingress, is [{}], ${by}`],
  ],
  [
    'whom a policy is for',
    'NetworkPolicy',
    'default-deny',
    (one) => (one.spec.podSelector = { matchLabels: { a: 'b' } }),
    [`added spec.podSelector.matchLabels, is {"a":"b"}, ${by}`],
  ],
  [
    'a quota',
    'ResourceQuota',
    undefined,
    (one) => (one.spec.hard.pods = '99'),
    [`changed spec.hard.pods, was 5, is 99, ${by}`],
  ],
  ['a quota in other words', 'ResourceQuota', undefined, (one) => (one.spec.hard['limits.cpu'] = '2500e-3'), []],
  [
    'a file',
    'ConfigMap',
    undefined,
    (one) => (one.data['etc-notes'] = 'other'),
    [`changed data.etc-notes, was text, is other, ${by}`],
  ],
  [
    'a file more',
    'ConfigMap',
    undefined,
    (one) => (one.data.metadata = 'other'),
    [`added data.metadata, is other, ${by}`],
  ],
  [
    'a level of a namespace',
    'Namespace',
    undefined,
    (one) => (one.metadata.labels['pod-security.kubernetes.io/enforce'] = 'privileged'),
    [`changed metadata.labels.pod-security.kubernetes.io/enforce, was restricted, is privileged, ${by}`],
  ],
  [
    'who may come in to a house',
    'Middleware',
    undefined,
    (one) => (one.spec.ipAllowList.sourceRange = ['0.0.0.0/0']),
    [`changed spec.ipAllowList.sourceRange[0], was 127.0.0.0/8, is 0.0.0.0/0, ${by}`],
  ],
  ['the volume that a claim got', 'PersistentVolumeClaim', undefined, (one) => (one.spec.volumeName = 'pv-1'), []],
  [
    'an account',
    'ServiceAccount',
    undefined,
    (one) => (one.automountServiceAccountToken = true),
    [`changed automountServiceAccountToken, was false, is true, ${by}`],
  ],
]

describe('drift', () => {
  it.each(rows)('%s', (...[, kind, name, edit, found]) => {
    const applied = of(kind, name)
    const live = edited(applied, edit)
    expect(driftOf([applied], [live]).map(words)).toEqual(found)
    for (const one of driftOf([applied], [live]))
      expect(one).toMatchObject({ service: 'notes', object: { kind, name: applied.metadata.name } })
  })

  it('is told of replicas that the home declares, also where a scaler of its own kind sets them', () => {
    const applied = of(
      'Deployment',
      undefined,
      desiredOf(text(', replicas: 1').replace('data: { /data: 1Gi }, ', ''), 'prod'),
    )
    const live = edited(applied, (one) => (one.spec.replicas = 3), { manager: 'scaler', subresource: 'scale' } as Loose)
    expect(driftOf([applied], [live]).map(words)).toEqual([
      'changed spec.replicas, was 1, is 3, by scaler (Update 2026-02-03T04:05:06Z)',
    ])
  })

  it('is not what the server writes in its own way into what we own, nor what we are about to write', () => {
    const applied = of('Deployment')
    const live: Loose = structuredClone(writtenBy(applied))
    container(live).image = 'registry.test/notes:0'
    delete container(live).env
    live.metadata.managedFields[0].fieldsV1['f:spec']['f:template']['f:spec']['f:containers'] = {}
    expect(driftOf([applied], [live])).toEqual([])
  })

  it('tells of a Secret who replaced it, and never what it holds', () => {
    const applied = of('Secret')
    const full = { ...applied, data: { value: 'b3Vycw==' } }
    expect(driftOf([applied], [writtenBy(full)])).toEqual([])
    expect(hasOurValues(writtenBy(full))).toBe(true)
    const other = writtenBy(
      { ...full, data: { value: 'c2VjcmV0' } },
      { manager: 'kubectl-create', operation: 'Update' },
    )
    const { data: _, ...bare } = other
    for (const live of [other, bare as KubeObject]) {
      const found = driftOf([applied], [live])
      expect(found.map(words)).toEqual(['changed data, by kubectl-create (Update 2026-01-02T03:04:05Z)'])
      expect(JSON.stringify(found)).not.toContain('c2VjcmV0')
    }
    expect(hasOurValues(other)).toBe(false)
    expect(driftOf([applied], [writtenBy(applied)]).map(words)).toEqual(['removed data, by somebody'])
    const relabelled = edited(full, (one) => (one.metadata.labels.owner = 'eve'))
    expect(driftOf([applied], [relabelled]).map(words)).toEqual([
      `changed metadata.labels.owner, was casa, is eve, ${by}`,
    ])
  })

  it('tells of what is gone, going, or new under our labels', () => {
    const applied = of('NetworkPolicy', 'notes')
    expect(driftOf([applied], []).map(words)).toEqual(['deleted, by somebody'])
    const live = writtenBy(applied)
    const going = { ...live, metadata: { ...live.metadata, deletionTimestamp: '2026-02-03T04:05:06Z' } }
    expect(driftOf([applied], [going])).toMatchObject([{ change: 'deleted', time: '2026-02-03T04:05:06Z' }])
    const guest = { ...applied, metadata: { ...applied.metadata, name: 'open-all' } }
    expect(
      driftOf([applied], [live, writtenBy(guest, { manager: 'kubectl', operation: 'Update' })]).map(words),
    ).toEqual(['created, by kubectl (Update 2026-01-02T03:04:05Z)'])
    expect(driftOf([applied], [live, guest]).map(words)).toEqual(['created, by somebody'])
    const timeless = {
      ...guest,
      metadata: { ...guest.metadata, managedFields: [{ manager: 'old', operation: 'Update' }] },
    }
    expect(driftOf([applied], [live, timeless])[0]).not.toHaveProperty('time')
    // Kept for a version before, or about to go.
    expect(driftOf([applied], [live, writtenBy(guest)])).toEqual([])
  })

  it('tells of a whole namespace that is gone once', () => {
    const all = driftOf(objects, [])
    expect(all).toHaveLength(objects.length)
    expect(withoutObvious(all).map(({ object }) => object.kind)).toEqual(['Namespace'])
    expect(withoutObvious(driftOf(objects.slice(1), []))).not.toEqual([])
  })

  it('leaves what somebody else is to fill in to that one, and to nobody else', () => {
    const [note] = [{ 'homeslice.dev/filled-by': 'homeslice-keeper' }]
    const applied = {
      ...of('ConfigMap'),
      data: undefined,
      metadata: { ...of('ConfigMap').metadata, annotations: note },
    }
    const { data: _, ...bare } = applied
    const empty = bare as unknown as KubeObject
    const filled = edited(empty, (one) => (one.data = { findings: '[]' }), { manager: 'homeslice-keeper' })
    expect(driftOf([empty], [filled])).toEqual([])
    expect(driftOf([empty], [edited(empty, (one) => (one.data = { a: 'b' }))]).map(words)).toEqual([
      `added data, is {"a":"b"}, ${by}`,
    ])
  })
})

describe('what others added', () => {
  const applied = of('Deployment')
  const add: Edit = (one) => {
    container(one).env.push({ name: 'MORE', value: '1' })
    one.spec.template.spec.containers.push({ name: 'spy', image: 'spy:1' })
    one.spec.paused = true
    one.metadata.annotations = { theirs: '1' }
  }
  const live = edited(applied, add)
  const additions = additionsOf(applied, live)
  const managersIn = (managedFields: readonly Group[]): KubeObject => ({
    ...live,
    metadata: { ...live.metadata, managedFields },
  })

  it('is cut out of the object, and nothing else', () => {
    const without = withoutAdditions(live, additions)
    expect(without).toEqual({ ...live, spec: writtenBy(applied).spec })
    expect(withoutAdditions(without, additions)).toEqual(without)
  })

  it('makes an object a suspect, as do values of a Secret that are not ours', () => {
    expect(suspectsOf({ desired: [applied], live: [live] })).toEqual([applied])
    expect(suspectsOf({ desired: [applied], live: [writtenBy(applied)] })).toEqual([])
    const secret = of('Secret')
    const [ours, theirs] = ['homeslice', 'kubectl'].map((manager) =>
      writtenBy({ ...secret, data: { value: '' } }, { manager }),
    ) as [KubeObject, KubeObject]
    expect(suspectsOf({ desired: [secret], live: [theirs] })).toEqual([secret])
    expect(suspectsOf({ desired: [secret], live: [writtenBy(secret)] })).toEqual([secret])
    expect(suspectsOf({ desired: [secret], live: [ours] })).toEqual([])
  })

  it('is not what an object becomes, which is what is there with what we want over it', () => {
    const service = of('Service')
    const moved = edited(service, (one) => {
      one.spec.ports[0].port = 81
      one.metadata.labels.theirs = '1'
    })
    const there = { ...moved, spec: { ...(moved.spec as object), clusterIP: '10.0.0.1' } }
    const becomes = overlaid(service, withoutAdditions(there, additionsOf(service, there)))
    const spec = { ...(service.spec as object), clusterIP: '10.0.0.1' }
    expect(becomes).toMatchObject({ spec, metadata: { labels: { theirs: '1' } } })
    expect(overlaid(applied, live)).toMatchObject({ spec: { paused: true, strategy: { type: 'Recreate' } } })
    const map = of('ConfigMap')
    const { data: _, ...bare } = map
    expect(overlaid(map, bare as KubeObject)).toEqual(map)
  })

  it('becomes ours in the books, so that it goes with our next apply', () => {
    const after = managersIn(takenOver(live, additions))
    expect(additionsOf(applied, after)).toEqual([])
    const [ours, theirs, ...more] = groupsAt(after.metadata, 'managedFields')
    expect(JSON.stringify(ours?.fieldsV1)).toContain('f:paused')
    expect([theirs?.manager, theirs?.fieldsV1, more]).toEqual([
      'kubectl-edit',
      { 'f:metadata': { 'f:annotations': { 'f:theirs': {} } } },
      [],
    ])
  })

  it('is taken from everybody who put it there, and from no report of how it is', () => {
    const twice = edited(
      applied,
      (one) => (one.status = { a: 1 }),
      { manager: 'controller', subresource: 'status' } as Loose,
      live,
    )
    const [ours, second] = groupsAt(live.metadata, 'managedFields')
    const both = { ...second, manager: 'other' }
    const shared: KubeObject = {
      ...twice,
      metadata: { ...twice.metadata, managedFields: [...groupsAt(twice.metadata, 'managedFields'), both] },
    }
    const names = takenOver(shared, additionsOf(applied, shared)).map(({ manager }) => manager)
    expect([ours?.manager, ...names]).toEqual(['homeslice', 'homeslice', 'kubectl-edit', 'other', 'controller'])
  })

  it('becomes ours also in an object that somebody made anew by hand', () => {
    const remade = writtenBy(live, { manager: 'kubectl', operation: 'Update' })
    const [ours] = takenOver(remade, additionsOf(applied, remade))
    expect(ours).toMatchObject({
      manager: 'homeslice',
      operation: 'Apply',
      apiVersion: 'apps/v1',
      time: '2026-01-02T03:04:05Z',
      fieldsV1: { 'f:spec': { 'f:paused': {} } },
    })
    expect(takenOver(remade, [])[0]).toMatchObject({ manager: 'homeslice', fieldsV1: {} })
  })

  it('leaves whoever owns more than a place to it', () => {
    const policy = of('NetworkPolicy', 'default-deny')
    const open = edited(policy, (one) => (one.spec.podSelector = { matchLabels: { a: 'b' } }))
    const whole = [{ manager: 'all', fieldsV1: { 'f:spec': {} } }]
    const metadata = { ...open.metadata, managedFields: [...groupsAt(open.metadata, 'managedFields'), ...whole] }
    expect(takenOver({ ...open, metadata }, additionsOf(policy, open))).toContainEqual(whole[0])
  })

  it('may be an item of a list that we never write into', () => {
    const aliased = edited(applied, (one) => (one.spec.template.spec.hostAliases = [{ ip: '192.0.2.1' }]))
    const keyed = structuredClone(aliased) as Loose
    const fields = keyed.metadata.managedFields[1].fieldsV1['f:spec']['f:template']['f:spec']
    fields['f:hostAliases'] = { 'k:{"ip":"192.0.2.1"}': { '.': {} } }
    const open: Loose = structuredClone(applied)
    open.spec.template.spec.hostAliases = []
    expect(additionsOf(open, keyed).map(({ path }) => path)).toEqual(['spec.template.spec.hostAliases[192.0.2.1]'])
  })

  it('may be an item of a set', () => {
    const set = { ...of('ServiceAccount'), spec: { words: ['a'] } }
    const fieldsV1 = { 'f:spec': { 'f:words': { 'v:"b"': {} } } }
    const metadata = { ...set.metadata, managedFields: [{ manager: 'kubectl', fieldsV1 }] }
    const [one] = additionsOf(set, { ...set, spec: { words: ['a', 'b'] }, metadata })
    expect([one?.path, one?.live]).toEqual(['spec.words[b]', 'b'])
  })
})
