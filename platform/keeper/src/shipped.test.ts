import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundled, type Program, startProgram, startWrongly } from '@homeslice/testing'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-keeper-'))
const names = { KEEPER_HOME: 'casa', KEEPER_ENVIRONMENT: 'prod' }

describe('the keeper as it ships', () => {
  let bundle = ''
  let program: Program
  beforeAll(async () => {
    bundle = await bundled('platform/keeper/src/main.ts', folder)
    program = await startProgram(bundle, [], {
      ...names,
      KEEPER_EVERY_SECONDS: '1',
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: '1',
    })
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  it('stays up where the API server is away, looks again and again, and says so once', async () => {
    const get = async (path: string, port = program.metricsPort): Promise<string> =>
      (await fetch(`http://127.0.0.1:${port}${path}`)).text()
    await expect
      .poll(async () => Number(/looks_total\{result="failed".* (\d+)/u.exec(await get('/metrics'))?.[1]), {
        timeout: 15_000,
      })
      .toBeGreaterThan(2)
    expect([await get('/healthz'), await get('/readyz')]).toEqual(['{"alive":true}\n', '{"ready":true}\n'])
    expect(await get('/', program.port)).toBe('{}\n')
    program.child.kill('SIGTERM')
    const { code, stdout } = await program.ended
    expect([code, stdout.match(/cannot be looked at/gu)]).toEqual([0, ['cannot be looked at']])
  })

  it('does not start for nobody', async () => {
    const { code, stderr } = await startWrongly(bundle, { name: '', args: [], env: {}, exit: 2, says: /./u })
    expect([code, stderr]).toEqual([2, expect.stringContaining('KEEPER_HOME is ""') as string])
  })
})
