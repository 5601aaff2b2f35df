import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Job, runOnce } from './once.ts'

const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
afterEach(() => stderr.mockClear())
const complaint = (): string => stderr.mock.calls.map(([words]) => String(words)).join('')

const run = (job: Job, env: Record<string, string> = {}) =>
  runOnce('tested', job, { args: ['a'], env: { LOG_LEVEL: 'error', ...env } })

describe('a job', () => {
  it.each([
    [0, ''],
    [3, 'tested: as it ended\n'],
  ])('that ends with %i ends so, and complains where that is not well', async (exit, says) => {
    expect(await run(async ({ args }) => ({ exit, message: `as it ended`, facts: { args } }))).toBe(exit)
    expect(complaint()).toBe(says)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('is told of %s, and ends itself', async (signal) => {
    const ended = run(
      (_, { signal: told }) =>
        new Promise((resolve) => {
          told.addEventListener('abort', () => resolve({ exit: 2, message: `told to end by ${String(told.reason)}` }))
        }),
    )
    process.emit(signal)
    expect([await ended, complaint()]).toEqual([2, `tested: told to end by ${signal}\n`])
  })

  it('does not begin with a level of log that is none', async () => {
    const job = vi.fn<Job>()
    expect(await run(job, { LOG_LEVEL: 'loud' })).toBe(2)
    expect(complaint()).toBe('tested: LOG_LEVEL is "loud"; it can be debug, info, warn or error\n')
    expect(job).not.toHaveBeenCalled()
  })
})
