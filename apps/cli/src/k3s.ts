/** Since this version of its chart, Traefik takes an object where it took a word before. */
const chartWithPolicies = 37

/** The version of the Traefik chart in the address that k3s takes it from; nothing if it does not say. */
export const chartVersionOf = (chart: string): number | undefined => {
  const found = /traefik-(\d+)\./u.exec(chart)?.[1]
  return found === undefined ? undefined : Number(found)
}

/**
 * What turns the Gateway API on in the Traefik of k3s: a Gateway that takes routes of every namespace, and clients'
 * addresses kept as they are, since a route for the home goes by them. `chart`: the version of the chart.
 */
export const gatewayConfig = (chart = chartWithPolicies): string => `apiVersion: helm.cattle.io/v1
kind: HelmChartConfig
metadata:
  name: traefik
  namespace: kube-system
spec:
  valuesContent: |-
    providers:
      kubernetesGateway:
        enabled: true
    gateway:
      listeners:
        web:
          port: 8000
          protocol: HTTP
          namespacePolicy: ${chart < chartWithPolicies ? 'All' : '{ from: All }'}
    service:
      spec:
        externalTrafficPolicy: Local
`
