import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createFleet, type Fleet } from './fleet.ts'
import type { Program } from './plan.ts'
import { isFree } from './ports.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-fleet-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const long = 120_000
const program = (kind: Program['kind'], image: string, more: Partial<Program> = {}): Program => ({
  name: 'one',
  kind,
  image,
  args: [],
  env: {},
  files: {},
  folders: [],
  host: '127.0.0.1',
  port: 0,
  metricsPort: 0,
  ...more,
})

/** A fleet whose programs are scripts, by name; what they print is kept. */
const fleetOf = (scripts: Readonly<Record<string, string>>) => {
  const printed: string[] = []
  const states: string[] = []
  for (const [name, text] of Object.entries(scripts)) writeFileSync(join(folder, `${name}.mjs`), text)
  const fleet: Fleet = createFleet({
    programs: {
      entryOf: (image) => (Object.hasOwn(scripts, image) ? join(folder, `${image}.mjs`) : undefined),
      foldersOf: () => [],
    },
    folder: join(folder, 'run'),
    env: { PATH: process.env['PATH'] },
    onLine: (_, line, from) => printed.push(`${from}: ${line}`),
    onChange: (_, { state, reason }) => states.push(`${state}${reason === undefined ? '' : ` ${reason}`}`),
  })
  return { fleet, printed, states }
}

describe('a fleet', () => {
  it(
    'runs a job when it is asked to, with its files and no more of the surroundings than it needs',
    async () => {
      vi.stubEnv('TOKEN_OF_SHELL', 'secret')
      const job = `import { readFileSync } from 'node:fs'
      console.log(readFileSync(process.argv[2], 'utf8'), Object.keys(process.env).filter((name) => name !== 'TZ').sort().join())
      process.exitCode = 3`
      const { fleet, printed, states } = fleetOf({ job })
      await fleet.become([program('job', 'job', { args: ['/etc/a'], files: { '/etc/a': 'hello' } })])
      expect([fleet.statusOf('one').state, printed]).toEqual(['idle', []])
      for (const runs of [1, 2]) {
        expect(fleet.restart('one')).toBe(true)
        await vi.waitFor(
          () => expect(states.filter((state) => state === 'failed it ended with 3')).toHaveLength(runs),
          long,
        )
      }
      const line = 'stdout: hello LISTEN_HOST,METRICS_PORT,PATH,PORT'
      expect(printed).toEqual([line, line])
      await fleet.stop()
      expect([fleet.restart('one'), fleet.statusOf('one').state]).toEqual([false, 'stopped'])
    },
    long,
  )

  it(
    'ends a program that does not end when it is told to',
    async () => {
      const deaf = `import { createServer } from 'node:http'
      process.on('SIGTERM', () => console.log('no'))
      createServer((_, answer) => answer.end()).listen(Number(process.env.METRICS_PORT), process.env.LISTEN_HOST)`
      const { fleet, printed, states } = fleetOf({ deaf })
      const metricsPort = await freePort()
      await fleet.become([program('service', 'deaf', { metricsPort })])
      await vi.waitFor(() => expect(states).toContain('ready'), long)
      await fleet.stop()
      expect([printed, states.at(-1), await isFree(metricsPort)]).toEqual([['stdout: no'], 'stopped', true])
    },
    long,
  )

  it(
    'says what keeps a program from being started at all, and cuts lines that have no end',
    async () => {
      const { fleet, printed, states } = fleetOf({
        endless: "process.stdout.write('x'.repeat(20_000)); console.error('bye')",
      })
      await fleet.become([program('service', 'nowhere')])
      await vi.waitFor(
        () => expect(states.join()).toMatch(/waiting there is no program of nowhere; it is started again in 0\.3 s/u),
        long,
      )
      await fleet.become([program('job', 'endless')])
      fleet.restart('one')
      await vi.waitFor(() => expect(states.at(-1)).toBe('done it ended with 0 (bye)'), long)
      expect(Math.max(...printed.map(({ length }) => length))).toBeLessThanOrEqual(8192 + 'stdout: '.length)
      await fleet.stop()
    },
    long,
  )
})

const freePort = async (): Promise<number> => {
  for (let port = 21_000; ; port += 7) if (await isFree(port)) return port
}
