import assert from 'node:assert/strict'
import { describe, expect, it } from 'vitest'
import { parseHome } from '@homeslice/config'
import { makePlan, type PlanInput } from '@homeslice/plan'
import { identityOf, render } from '@homeslice/render'
import { causesIn, dangerWords, planDocument, planWords, stoppedError } from './plan-words.ts'

const before = `version: 1
home: { name: casa, timezone: UTC, domain: casa.test }
services:
  clock: { image: "a:1" }
  gone: { image: "a:1" }
  notes:
    image: "notes:1"
    port: 80
    data: { /data: 1Gi, /media: 2Gi }
    routes: [{ who: home }]
`
const after = before
  .replace('  gone: { image: "a:1" }\n', '  came: { image: "b:1" }\n')
  .replace('notes:1', 'notes:2')
  .replace(', /media: 2Gi', '')
  .replace('who: home', 'who: everyone, because: guests')
  .replace('clock: { image: "a:1" }', 'clock: { image: "a:2" }')

const rendered = (text: string) => {
  const read = parseHome(text)
  assert(read.ok, JSON.stringify(read))
  const environment = read.home.environments.prod
  assert(environment)
  const { objects } = render(read.home, { env: 'prod', images: {}, secretVersions: {} })
  return { objects, cause: causesIn({ file: 'home.yaml', locate: read.locate, environment }) }
}

/** A plan between two homes, where the server agrees to everything. */
const planned = (from: string, to: string, more: Partial<PlanInput> = {}) => {
  const [{ objects: live }, { objects: desired, cause }] = [rendered(from), rendered(to)]
  const verdicts = new Map(
    desired.map((object) => [identityOf(object), { kind: 'becomes', object, takenFrom: [] }] as const),
  )
  return { plan: makePlan({ desired, live, verdicts, ...more }), cause }
}

describe('a plan in words', () => {
  const { plan, cause } = planned(before, after)

  it('goes by grade, the worst first, each with the line that causes it', () => {
    const noRoom = [{ service: 'came', words: 'no node has room for came' }]
    expect(planWords(plan, { cause, noRoom })).toMatchInlineSnapshot(`
      "DATA LOSS
        the volume /media of notes would be deleted with everything on it (home.yaml:9)
      EXPOSURE
        notes would be open to everyone at /, so far to the home (home.yaml:10)
          ~ HTTPRoute casa-prod-notes/notes: changes rules[0].filters
      DOWNTIME
        gone would be removed
        notes would be away for up to 30 s: up to 20 s to end, and about 10 s to start again (home.yaml:6)
          ~ Deployment casa-prod-notes/notes: image notes:1 → notes:2, what lies at /media, changes template.spec.volumes[data-media]
      COST
        came is new and may use 128 MiB of memory (home.yaml:5)
      ROUTINE
        ~ Deployment casa-prod-clock/clock: image a:1 → a:2
        ~ Namespace casa-prod-notes: says who may come in
        - casa-prod-gone: 6 objects no longer in the home file
        - casa-prod-notes: 1 object no longer in the home file
        + casa-prod-came: 7 objects, new
      warning: no node has room for came
      7 to create, 4 to update, 9 to delete, 13 unchanged"
    `)
  })

  it('names who else holds what is taken back, beside what it means', () => {
    const { objects: live } = rendered(before)
    const { objects: desired } = rendered(before.replace('notes:1', 'notes:2'))
    const verdicts = new Map(
      desired.map((object) => [identityOf(object), { kind: 'becomes', object, takenFrom: ['kubectl-edit'] }] as const),
    )
    const words = planWords(makePlan({ desired, live, verdicts }), { cause })
    expect(words).toContain(
      '    ~ Deployment casa-prod-notes/notes: image notes:1 → notes:2, taken back from kubectl-edit',
    )
  })

  it('says that nothing changes', () => {
    const same = planned(before, before)
    expect(planWords(same.plan, same)).toMatch(/^nothing changes: \d+ objects are as the home file says$/u)
    expect(dangerWords(same.plan.steps, cause)).toEqual([])
  })
})

describe('a plan for tools', () => {
  it('keeps its shape', () => {
    const { changes, ...rest } = planDocument('prod', planned(before, after).plan)
    expect(rest).toEqual({
      environment: 'prod',
      stopped: [
        { grade: 'data-loss', subject: 'notes', allow: 'data-loss:notes' },
        { grade: 'exposure', subject: 'notes', allow: 'exposure:notes' },
      ],
    })
    expect(changes[0]).toEqual({
      object: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'casa-prod-notes', name: 'data-media' },
      action: 'delete',
      grades: ['data-loss'],
      reason: 'the volume /media of notes would be deleted with everything on it',
    })
    expect(changes.find(({ object }) => object.kind === 'Deployment' && object.name === 'notes')).toEqual({
      object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'casa-prod-notes', name: 'notes' },
      action: 'update',
      grades: ['downtime'],
      reason: expect.stringMatching(/^notes would be away for up to 30 s: .* \(image notes:1 → notes:2, /u) as string,
      downtimeSeconds: 30,
    })
  })
})

describe('a plan that is stopped', () => {
  it('says what for, and how each is allowed', () => {
    expect(stoppedError(planned(before, after).plan)).toEqual({
      message:
        'stopped before anything was changed: the volume /media of notes would be deleted with everything on it; notes would be open to everyone at /, so far to the home',
      fix: 'if that is what you want, say so by name: --allow data-loss:notes --allow exposure:notes',
    })
  })

  it('speaks only of what is not allowed yet', () => {
    const { message, fix } = stoppedError(planned(before, after, { allow: ['data-loss:notes'] }).plan)
    expect([message, fix]).toEqual([
      'stopped before anything was changed: notes would be open to everyone at /, so far to the home',
      'if that is what you want, say so by name: --allow exposure:notes',
    ])
  })
})
