import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { bytesOf, millicoresOf } from '@homeslice/config'
import { homes, parsed, turned, slowly } from './homes.testing.ts'
import { identityOf } from './object.ts'
import { type Loose, podsOf, renderSample } from './samples.testing.ts'
import { toYaml } from './yaml.ts'

const environments = fc.constantFrom('prod', 'dev')

describe('any valid home', () => {
  test.prop([homes, environments])(
    'renders the same bytes in another key order',
    (home, env) => {
      const text = toYaml(renderSample(parsed(home), env).objects)
      expect(toYaml(renderSample(parsed(turned(home)), env).objects)).toBe(text)
    },
    120_000,
  )

  test.prop([homes, environments])(
    'has no two objects of one identity',
    (home, env) => {
      const identities = renderSample(parsed(home), env).objects.map(identityOf)
      expect(new Set(identities).size).toBe(identities.length)
    },
    slowly,
  )

  test.prop([homes, environments])(
    'has every object in one set, labelled as its own and named so',
    (home, env) => {
      const { objects, sets } = renderSample(parsed(home), env)
      expect(Object.values(sets).flat()).toHaveLength(objects.length)
      for (const { metadata } of objects) {
        const service = metadata.labels?.['homeslice.dev/service']
        expect(metadata.labels).toMatchObject({
          'app.kubernetes.io/instance': metadata.name,
          'app.kubernetes.io/managed-by': 'homeslice',
          'app.kubernetes.io/name': service,
          'app.kubernetes.io/part-of': 'casa',
          'homeslice.dev/env': env,
          'homeslice.dev/home': 'casa',
        })
        expect([undefined, `casa-${env}-${service}`]).toContain(metadata.namespace)
        expect(metadata.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/u)
        for (const value of Object.values(metadata.labels ?? {})) expect(value).toMatch(/^[a-z][\w.-]{0,62}$/u)
      }
    },
    slowly,
  )

  test.prop([homes])(
    'gives each namespace the room that its pods need, within the budget',
    (home) => {
      const made = parsed(home)
      const { objects } = renderSample(made)
      const quotas: Loose[] = objects.filter(({ kind }) => kind === 'ResourceQuota')
      for (const { object, spec } of podsOf(objects)) {
        const quota = quotas.find(({ metadata }) => metadata.namespace === object.metadata.namespace)
        const deployed = object.spec as Loose
        const most = (deployed.replicas ?? 1) + (deployed.strategy?.type === 'RollingUpdate' ? 1 : 0)
        const { limits } = spec.containers[0].resources
        expect(Number(quota.spec.hard.pods)).toBeGreaterThanOrEqual(most)
        expect(bytesOf(quota.spec.hard['limits.memory'])).toBeGreaterThanOrEqual(bytesOf(limits.memory) * most)
        expect(millicoresOf(quota.spec.hard['limits.cpu'])).toBeGreaterThanOrEqual(millicoresOf(limits.cpu) * most)
      }
      const { budget } = made.environments.prod ?? {}
      if (budget?.memory === undefined) return
      const used = quotas.map(({ spec }) => bytesOf(spec.hard['limits.memory'] ?? '0Ki'))
      expect(used.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(bytesOf(budget.memory))
    },
    slowly,
  )
})
