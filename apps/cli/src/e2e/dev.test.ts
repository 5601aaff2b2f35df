import { readFileSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { houseText, root, type Running, start, temporaryHome } from '@homeslice/testing'
import { freePair, send } from '../dev/session.testing.ts'

const long = 300_000
const main = join(root, 'apps/cli/src/main.ts')

/** Children of a process and theirs, as the kernel knows them. */
const offspring = (pid: number): number[] => {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((name) => {
      try {
        return [
          { pid: Number(name), parent: Number(/\) . (\d+)/u.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1]) },
        ]
      } catch {
        return []
      }
    })
  const below = (one: number): number[] =>
    parents.filter(({ parent }) => parent === one).flatMap((child) => [child.pid, ...below(child.pid)])
  return below(pid)
}

const lives = (pid: number): boolean => {
  try {
    return !/\) Z /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

const begin = async (
  ...words: readonly string[]
): Promise<Running & { readonly page: number; readonly children: () => number[] }> => {
  const home = await temporaryHome(houseText())
  const { page } = await freePair()
  const running = start(process.execPath, [main, 'dev', '--file', home, '--port', String(page), ...words])
  return { ...running, page, children: () => offspring(running.child.pid ?? 0) }
}

describe('homeslice dev', () => {
  it(
    'is ready, and leaves nothing behind at Ctrl-C',
    async () => {
      const began = performance.now()
      const { child, ended, shows, page, children } = await begin()
      await shows('all 5 ready')
      process.stdout.write(`ready ${Math.round(performance.now() - began)} ms after the command was given\n`)
      const all = children()
      expect(all).toHaveLength(5)
      expect((await send(page, { headers: { Host: `127.0.0.1:${page}` } })).status).toBe(200)
      child.kill('SIGINT')
      const { code, stdout, stderr } = await ended
      expect([code, stderr]).toEqual([130, ''])
      expect(stdout).toMatch(/^\d\d:\d\d:\d\d switches {5}info {2}listening port=\d+ metricsPort=\d+$/mu)
      // oxlint-disable-next-line no-control-regex -- colours are what it looks for
      expect(stdout).not.toMatch(/\u001b/u)
      expect(all.filter(lives)).toEqual([])
    },
    long,
  )

  it(
    'takes its processes with it when it is killed',
    async () => {
      const { child, ended, shows, children } = await begin()
      await shows('all 5 ready')
      const all = children()
      child.kill('SIGKILL')
      await ended
      await vi.waitFor(() => expect(all.filter(lives)).toEqual([]), { timeout: 60_000 })
    },
    long,
  )

  it(
    'starts a service again that was killed, and says so',
    async () => {
      const { child, ended, shows, children } = await begin('--inspect', 'clocktime')
      await shows('clocktime can be debugged at 127.0.0.1:')
      await shows('all 5 ready')
      const clock = children().find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('clocktime'))
      expect(readFileSync(`/proc/${clock}/cmdline`, 'utf8')).toContain('--inspect=127.0.0.1:')
      process.kill(clock ?? 0, 'SIGKILL')
      await shows('SIGKILL ended it; it is started again in 0.3 s')
      await vi.waitFor(() => expect(children()).toHaveLength(5), { timeout: 60_000 })
      child.kill('SIGTERM')
      expect((await ended).code).toBe(130)
    },
    long,
  )

  it.each<[string, (port: string) => string[], number, RegExp]>([
    [
      'a port that is taken',
      (port) => ['--port', port],
      1,
      /port \d+ is taken by another program\n {2}name another with --port/u,
    ],
    [
      'a service to debug that is not there',
      () => ['--inspect', 'switch'],
      2,
      /no service "switch" to debug\n {2}there are: clocktime/u,
    ],
    ['a port that is none', () => ['--port', '80'], 2, /"80" is no port from 1024 to 65000/u],
    ['an environment that is not there', () => ['--env', 'attic'], 2, /no environment "attic"/u],
  ])('refuses %s', async (_, words, exit, says) => {
    const home = await temporaryHome(houseText())
    const { page } = await freePair()
    const taken = createServer().listen(page, '127.0.0.1')
    const { code, stderr } = await start(process.execPath, [main, 'dev', '--file', home, ...words(String(page))]).ended
    taken.close()
    expect([code, stderr]).toEqual([exit, expect.stringMatching(says) as string])
  })
})
