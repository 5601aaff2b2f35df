import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from './object.ts'
import { homeAt, renderSample } from './samples.testing.ts'

type Model = { readonly prototype: { validate: () => void }; new (data: unknown): { validate: () => void } }

const paths: Readonly<Record<string, string>> = {
  'apps/v1': 'kubernetes-models/apps/v1',
  'batch/v1': 'kubernetes-models/batch/v1',
  'gateway.networking.k8s.io/v1': '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1',
  'networking.k8s.io/v1': 'kubernetes-models/networking.k8s.io/v1',
  'policy/v1': 'kubernetes-models/policy/v1',
  v1: 'kubernetes-models/v1',
}

const modelOf = async ({ apiVersion, kind }: KubeObject): Promise<Model> => {
  const module = (await import(join(paths[apiVersion] ?? '', kind))) as Record<string, Model>
  const model = module[kind]
  if (model === undefined) throw new Error(`no schema of ${apiVersion} ${kind}`)
  return model
}

describe('every object meets the schema of its kind', () => {
  const homes = [homeAt('home/example.yaml'), homeAt('packages/config/fixtures/accept/everything.yaml')]
  const objects = homes
    .flatMap((home) => Object.keys(home.environments).flatMap((env) => renderSample(home, env).objects))
    .filter(({ apiVersion }) => apiVersion in paths)

  it.each([...new Set(objects.map(({ kind }) => kind))])('%s', async (kind) => {
    for (const object of objects.filter((one) => one.kind === kind)) {
      const Kind = await modelOf(object)
      expect(() => new Kind(object).validate()).not.toThrow()
    }
  })

  it('and the schema is one that can fail', async () => {
    const Kind = await modelOf({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' } })
    expect(() => new Kind({ metadata: { name: 'x' }, spec: { replicas: 'one' } }).validate()).toThrow('replicas')
  })
})
