import { describe, expect, it } from 'vitest'
import { type End, podOf, reaches } from '../reach.testing.ts'
import { find, homeAt, homeWith, type Loose, podsOf, renderSample, renderWhole } from '../samples.testing.ts'

const example = homeAt('home/example.yaml')
const whole = renderWhole(example)
const onContext = (cluster: object) =>
  renderWhole(homeWith({ one: { image: 'registry.test/x:1' } }, { cluster: { context: 'k3s', ...cluster } }))
const named = (cluster: object): boolean =>
  onContext(cluster).workloads.some(({ service }) => service.name === 'keeper')

describe('the keeper', () => {
  it('comes with what services share, in a namespace of its own', () => {
    const own = whole.objects.filter((one) => one.metadata.labels?.['homeslice.dev/service'] === 'keeper')
    expect(own.length).toBe(whole.objects.length - renderSample(example).objects.length)
    expect(own.every((one) => whole.sets['casa-prod-platform']?.includes(one))).toBe(true)
    expect(new Set(own.map(({ metadata }) => metadata.namespace))).toEqual(
      new Set([undefined, 'casa-prod-keeper', 'homeslice-system']),
    )
    expect(whole.workloads.map(({ image }) => image)).toContain('homeslice.local/keeper:k')
  })

  it('comes where its image can be had', () => {
    expect([named({}), named({ registry: 'registry.test' })]).toEqual([false, true])
  })

  it('has a token, which no other pod has, and as much memory as it asks for', () => {
    const tokens = podsOf(whole.objects).map(({ object, spec }) => [
      object.metadata.name,
      spec.volumes.some(({ projected }: Loose) => projected !== undefined),
      spec.automountServiceAccountToken,
    ])
    expect(tokens.filter(([, has]) => has)).toEqual([['keeper', true, false]])
    const [container] = find(whole.objects, 'Deployment', 'keeper').spec.template.spec.containers
    expect([container.resources.requests.memory, container.resources.limits.memory]).toEqual(['70Mi', '70Mi'])
    expect(find(whole.objects, 'Deployment', 'keeper').spec.strategy.type).toBe('Recreate')
  })

  it('reaches the API server, and nothing else', () => {
    const from = podOf('keeper')
    const open = (to: End, port: number): boolean => reaches(whole.objects, { from, to, port })
    const server = (address: string): boolean[] => [443, 6443, 80, 22].map((port) => open({ address }, port))
    for (const address of ['10.96.0.1', '192.168.1.10', '172.20.0.2', '100.64.0.3', 'fd00::1'])
      expect(server(address)).toEqual([true, true, false, false])
    expect(server('1.1.1.1')).toEqual([false, false, false, false])
    expect(open({ namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }, 53)).toBe(false)
    expect(open(podOf('clocktime'), 8000)).toBe(false)
    for (const other of ['clocktime', 'buttons'])
      expect(reaches(whole.objects, { from: podOf(other), to: from, port: 9000 })).toBe(false)
  })

  it('reaches it also where the house has public addresses', () => {
    const { objects } = onContext({ registry: 'registry.test', lan: ['85.240.1.1/16'] })
    const call = { from: podOf('keeper'), to: { address: '85.240.7.7' } }
    expect([6443, 80].map((port) => reaches(objects, { ...call, port }))).toEqual([true, false])
  })

  it('may look, and write what it saw, and nothing else', () => {
    const rules = whole.objects
      .filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role')
      .flatMap(({ kind, metadata: { namespace = '' }, rules: all }) =>
        (all as Loose[]).map((rule) => ({ ...rule, kind, namespace })),
      )
    const looking = rules.filter(({ verbs }) => verbs.join() === 'get,list')
    const secret = looking.filter(({ resources }) => resources.includes('secrets'))
    expect(secret.map(({ namespace }) => namespace)).toEqual(['homeslice-system'])
    expect(looking.flatMap(({ resources }) => resources).some((one: string) => one.includes('*'))).toBe(false)
    expect(rules.filter((rule) => !looking.includes(rule))).toEqual([
      {
        kind: 'Role',
        namespace: 'casa-prod-keeper',
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: ['keeper'],
        verbs: ['get', 'patch'],
      },
    ])
  })
})
