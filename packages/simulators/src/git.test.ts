import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '@homeslice/testing'
import { type GitSimulator, simulatedKnownHost, simulatedRepository, startGit } from './git.ts'

const host = '127.0.9.41'
const port = 2222
const folder = mkdtempSync(join(tmpdir(), 'homeslice-git-test-'))
const url = `ssh://git@${host}:${port}/home/${simulatedRepository}`
let simulator: GitSimulator
beforeAll(async () => {
  simulator = await startGit({ name: 'remote', host, port })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')])
  writeFileSync(join(folder, 'known'), `${simulatedKnownHost}\n`)
})
afterAll(async () => {
  await simulator.stop()
  rmSync(folder, { recursive: true })
})

/** The programs that people use, with nothing of ours in them. */
const ssh = `ssh -F /dev/null -i ${folder}/key -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=2 -o UserKnownHostsFile=${folder}/known`
const git = (...args: readonly string[]) =>
  run('git', args, {
    cwd: folder,
    env: {
      GIT_SSH_COMMAND: ssh,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@b',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@b',
    },
  })
let clones = 0
const clone = async (): Promise<string> => {
  const name = `clone-${(clones += 1)}`
  expect(await git('clone', '--quiet', url, name)).toMatchObject({ code: 0 })
  return name
}
const push = async (name: string, text: string) => {
  writeFileSync(join(folder, name, 'file'), text)
  await git('-C', name, 'add', 'file')
  await git('-C', name, 'commit', '--quiet', '-m', text)
  return git('-C', name, 'push', '--quiet', 'origin', 'HEAD')
}

describe("a simulated git server, used by git and OpenSSH's ssh", { timeout: 120_000 }, () => {
  it('is cloned, pushed to and cloned again', async () => {
    expect(await push(await clone(), 'first')).toMatchObject({ code: 0, stderr: '' })
    const again = await clone()
    expect(readdirSync(join(folder, again))).toContain('file')
    expect((await run('git', ['-C', simulator.repository, 'log', '--format=%s', 'main'])).stdout).toBe('first\n')
  })

  it('takes a push of megabytes, and refuses one that was overtaken', async () => {
    const [one, two] = [await clone(), await clone()]
    expect(await push(one, 'x'.repeat(3_000_000).slice(0, 100_000))).toMatchObject({ code: 0 })
    const late = await push(two, 'late')
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('(fetch first)') as string])
  })

  it.each([
    [
      'another repository',
      ['clone', url.replace('backups', 'other'), 'other'],
      /does not appear to be a git repository/u,
    ],
    ['another program', ['clone', '--upload-pack', 'rm -rf /', url, 'other'], /git here and nothing else/u],
  ])('has nothing else: %s', async (_, args, says) => {
    const ended = await git(...args)
    expect([ended.code, ended.stderr]).toEqual([128, expect.stringMatching(says) as string])
  })

  it.each([
    ['refuse', /Connection refused/u],
    ['silent', /timed out|timeout/iu],
    ['garbage', /kex_exchange_identification|Connection (closed|reset)/u],
    ['huge', /kex_exchange_identification|Connection (closed|reset)|line/u],
    ['dribble', /timed out|timeout/iu],
    ['vanish', /[Cc]onnection.*closed|hung up|Could not read from remote/u],
    ['error', /Permission denied \(publickey\)/u],
  ] as const)('with the fault %s ends in words of ssh, and answers afterwards', async (fault, says) => {
    await simulator.setFault(fault)
    const ended = await git('ls-remote', url)
    await simulator.setFault('none')
    expect([ended.code, ended.stderr]).toEqual([128, expect.stringMatching(says) as string])
    expect(await git('ls-remote', url)).toMatchObject({ code: 0 })
  })

  it('that is stuck can be read and not written, as with a key that may only read', async () => {
    const name = await clone()
    await simulator.setFault('stuck')
    expect((await push(name, 'never')).stderr).toContain('marked as read only')
    await simulator.setFault('slow')
    expect(await git('ls-remote', url)).toMatchObject({ code: 0 })
    await simulator.setFault('none')
  })

  it('survives one who breaks off while git works, and says what it is', async () => {
    const before = simulator.state().calls
    const socket = connect(port, host)
    await once(socket, 'data')
    socket.write('SSH-2.0-nonsense\r\n\0\0\0')
    socket.destroy()
    expect(await git('ls-remote', url)).toMatchObject({ code: 0 })
    simulator.setOn(false)
    expect(simulator.state()).toMatchObject({ kind: 'git', name: 'remote', on: true, port, calls: before + 1 })
  })
})
