import { describe, expect, it } from 'vitest'
import { createMetrics } from '@homeslice/service-kit'
import { createHealth } from './health.ts'

describe('the health of devices', () => {
  it('counts every command, and says what stands in the way now', async () => {
    const { registry } = createMetrics('switches')
    const health = createHealth({ registry })
    const lines = async (): Promise<string[]> =>
      (await registry.metrics())
        .split('\n')
        .filter((line) => line.startsWith('homeslice_device_'))
        .map((line) => line.replace(',service="switches"', '').replace('homeslice_device_', ''))
    health.note('porch', 'on', { ok: true, value: true })
    health.note('porch', 'on', { ok: false, kind: 'refused', reason: 'porch is closed', trouble: 'closed' })
    health.note('lamp', 'off', { ok: false, kind: 'silent', reason: 'lamp is silent' })
    health.note('porch', 'status', { ok: false, kind: 'refused', reason: 'porch wants an account', trouble: 'account' })
    expect(await lines()).toEqual([
      'commands_total{device="porch",operation="on",result="ok"} 1',
      'commands_total{device="porch",operation="on",result="refused"} 1',
      'commands_total{device="lamp",operation="off",result="silent"} 1',
      'commands_total{device="porch",operation="status",result="refused"} 1',
      'failures_total{device="porch",trouble="closed"} 1',
      'failures_total{device="lamp",trouble="silent"} 1',
      'failures_total{device="porch",trouble="account"} 1',
      'answers{device="porch"} 0',
      'answers{device="lamp"} 0',
      'trouble{device="lamp",trouble="silent"} 1',
      'trouble{device="porch",trouble="account"} 1',
    ])
    expect(health.trouble()).toEqual({ porch: 'porch wants an account', lamp: 'lamp is silent' })
    health.note('porch', 'status', { ok: true, value: false })
    expect((await lines()).filter((line) => line.startsWith('trouble{'))).toEqual([
      'trouble{device="lamp",trouble="silent"} 1',
    ])
    expect(health.trouble()).toEqual({ lamp: 'lamp is silent' })
  })
})
