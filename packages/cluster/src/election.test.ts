import { afterEach, describe, expect, it, vi } from 'vitest'
import { serverWith, stopServers, type Told } from './answers.testing.ts'
import { asFailure } from './effects.ts'
import { elect } from './election.ts'

afterEach(() => {
  vi.useRealTimers()
  stopServers()
})

const probe = 'PATCH /api/v1/namespaces/homeslice-system/configmaps/homeslice-probe'
const lease = 'GET /apis/coordination.k8s.io/v1/namespaces/homeslice-system/leases/casa-prod'
const create = 'POST /apis/coordination.k8s.io/v1/namespaces/homeslice-system/leases'
const as = (token: number, holder = 'me'): object => ({
  metadata: { name: 'casa-prod', resourceVersion: '7' },
  spec: { holderIdentity: holder, leaseTransitions: token },
})
const refused = (ours: number, theirs: number): Told => [
  422,
  {
    message: `configmaps "homeslice-probe" is forbidden: ValidatingAdmissionPolicy 'homeslice-writer' with binding 'homeslice-writer' denied request: casa-prod/${ours} was written late: casa-prod/${theirs} is the writer now`,
  },
]
const electing = async (probes: Told | readonly Told[]) => {
  const { connection, asked } = await serverWith({
    [lease]: [404, { message: 'not found' }],
    [create]: [201, as(5)],
    [probe]: probes,
  })
  const candidate = { estate: { home: 'casa', env: 'prod' }, holder: 'me', seconds: 5, report: () => undefined }
  return { elected: elect(connection, { ...candidate, signal: undefined }), asked }
}

describe('whoever takes a lease', () => {
  it('waits until the server knows', async () => {
    const { elected, asked } = await electing([refused(5, 4), refused(5, 4), [200, {}]])
    expect(await elected).toMatchObject({ ok: true, token: 5 })
    expect(asked.filter((one) => one === probe)).toHaveLength(3)
  })

  it('does not wait where another took it since: the server tells at the first write', async () => {
    const { elected, asked } = await electing(refused(5, 6))
    expect(await elected).toMatchObject({ ok: true, token: 5 })
    expect(asked.filter((one) => one === probe)).toHaveLength(1)
  })

  it('is told what to do where the server goes by an old copy for good', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const { elected } = await electing(refused(5, 4))
    const later = setInterval(() => vi.advanceTimersByTime(5000), 20)
    expect(await elected).toMatchObject({
      ok: false,
      kind: 'failed',
      message: expect.stringContaining('goes by an old copy of the lease casa-prod (writer 4, not 5)'),
      fix: expect.stringContaining('restart the API server'),
    })
    clearInterval(later)
  })
})

describe('a write that is refused as late', () => {
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace: 'casa-prod-web' } }
  const told = (ours: number, theirs: number): string => {
    const [, { message }] = refused(ours, theirs) as [number, { message: string }]
    return asFailure(map, { ok: false, problem: 'late', message, causes: [] }).message
  }

  it('is late where the other has a higher token, and else the server is behind', () => {
    expect(told(5, 6)).toMatch(/^ConfigMap casa-prod-web\/web was not written, since another run took over/u)
    expect(told(10, 9)).toMatch(/^the API server goes by an old copy of the lease casa-prod \(writer 9, not 10\)/u)
  })
})
