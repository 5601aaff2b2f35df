import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { chartVersionOf, gatewayConfig } from './k3s.ts'

const valuesOf = (chart?: number): unknown => {
  const { spec } = load(gatewayConfig(chart)) as { spec: { valuesContent: string } }
  return load(spec.valuesContent)
}

describe('what turns the Gateway API of k3s on', () => {
  it('is a HelmChartConfig for its Traefik', () => {
    expect(load(gatewayConfig())).toMatchObject({
      apiVersion: 'helm.cattle.io/v1',
      kind: 'HelmChartConfig',
      metadata: { name: 'traefik', namespace: 'kube-system' },
    })
    expect(valuesOf()).toEqual({
      providers: { kubernetesGateway: { enabled: true } },
      gateway: { listeners: { web: { port: 8000, protocol: 'HTTP', namespacePolicy: { from: 'All' } } } },
      service: { spec: { externalTrafficPolicy: 'Local' } },
    })
  })

  it('says it as the chart of that k3s takes it', () => {
    const older = { gateway: { listeners: { web: { namespacePolicy: 'All' } } } }
    expect(valuesOf(34)).toMatchObject(older)
    expect(valuesOf(37)).not.toMatchObject(older)
  })

  it.each([
    ['https://%{KUBERNETES_API}%/static/charts/traefik-37.1.1+up37.1.0.tgz', 37],
    ['https://%{KUBERNETES_API}%/static/charts/traefik-crd-37.1.1+up37.1.0.tgz', undefined],
    ['', undefined],
  ])('reads %s', (chart, version) => {
    expect(chartVersionOf(chart)).toBe(version)
  })
})
