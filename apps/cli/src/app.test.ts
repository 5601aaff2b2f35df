import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '@stricli/core'
import { loadAll } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '@homeslice/testing'
import { createApp } from './app.ts'
import type { Context, Streams } from './context.ts'

let folder = ''
const small =
  'version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\nservices: { clock: { use: clocktime } }\n'

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeslice-cli-'))
  await writeFile(join(folder, 'home.yaml'), small)
  await writeFile(join(folder, 'bad.yaml'), small.replace('clocktime', 'clocktimes').replace('UTC', 'Nowhere'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs a command line with streams of its own: what it prints and its exit code. */
const homeslice = async (...words: readonly string[]) => {
  const printed = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof printed) => ({ write: (text: string) => void (printed[name] += text) })
  const streams: Streams = { stdout: stream('stdout'), stderr: stream('stderr') }
  const context: Context = {
    process: streams,
    stdin: process.stdin,
    env: { ...process.env, HOMESLICE_IDENTITY: join(folder, 'identity.txt') },
    cwd: folder,
    checkout: root,
    signal: new AbortController().signal,
  }
  await run(createApp('1.2.3'), words, context)
  return { ...printed, exit: Number(streams.exitCode ?? 0) }
}

describe('help', () => {
  it.each([
    [[]],
    [['check']],
    [['render']],
    [['plan']],
    [['up']],
    [['status']],
    [['open']],
    [['logs']],
    [['rollback']],
    [['dev']],
    [['new']],
    [['new', 'service']],
    [['doctor']],
    [['devices', 'find']],
    [['secrets']],
    [['secrets', 'rekey']],
    [['sandbox']],
    [['init']],
    [['destroy']],
  ])('of %j', async (words) => {
    const { stdout, exit } = await homeslice(...words, '--help')
    expect(exit).toBe(0)
    expect(stdout).toMatchSnapshot()
  })

  it('tells the version', async () => {
    expect((await homeslice('--version')).stdout).toBe('1.2.3\n')
  })

  it.each([
    [['chek'], /check/u],
    [['check', '--fil', 'x'], /--file/u],
    [['up', '--deadline', 'soon'], /not a whole number/u],
    [['open'], /service/u],
    [['dev', '--port', '80'], /no port from 1024/u],
    [['rollback'], /service/u],
    [['rollback', 'clock', '--to', 'before'], /not a whole number/u],
    [['up', '--allow', 'notes'], /"notes" allows nothing: write data-loss:SERVICE or exposure:SERVICE/u],
    [['plan', '--allow', 'downtime:notes'], /allows nothing/u],
    [['destroy', '--allow', 'data-loss:'], /allows nothing/u],
  ])('%j is wrong usage', async (words, says) => {
    const { stderr, exit } = await homeslice(...words)
    expect(exit).toBeLessThanOrEqual(-4)
    expect(stderr).toMatch(says)
  })
})

describe('check', () => {
  it('is content with a good home', async () => {
    expect(await homeslice('check')).toEqual({
      exit: 0,
      stderr: '',
      stdout: 'home.yaml is fine: prod with 1 service\n',
    })
    expect(JSON.parse((await homeslice('check', 'home.yaml', '--json')).stdout)).toEqual({
      ok: true,
      problems: [],
      warnings: [],
    })
  })

  it('tells every problem with its place and its fix', async () => {
    const { stdout, exit } = await homeslice('check', 'bad.yaml')
    expect([exit, stdout]).toEqual([
      2,
      'bad.yaml:2:21: home.timezone: "Nowhere" is no IANA timezone\n  write it like Europe/Lisbon\n' +
        'bad.yaml:3:22: services.clock.use: the catalog has no "clocktimes"\n  did you mean "clocktime"?\n2 problems in bad.yaml\n',
    ])
    const { ok, problems } = JSON.parse((await homeslice('check', 'bad.yaml', '--json')).stdout) as {
      ok: boolean
      problems: object[]
    }
    expect([ok, problems[0]]).toEqual([
      false,
      {
        file: 'bad.yaml',
        line: 2,
        column: 21,
        path: 'home.timezone',
        message: '"Nowhere" is no IANA timezone',
        fix: 'write it like Europe/Lisbon',
      },
    ])
  })

  it('tells a missing file', async () => {
    expect(await homeslice('check', 'nowhere.yaml')).toMatchObject({
      exit: 2,
      stdout: expect.stringContaining('nowhere.yaml:1:1: there is no such file') as string,
    })
  })
})

describe('render', () => {
  it('prints objects, and nothing of the caller’s keys', async () => {
    const { stdout, exit } = await homeslice('render')
    expect([exit, stdout.startsWith('---\napiVersion: ')]).toEqual([0, true])
    expect(stdout.match(/^kind: Deployment$/gmu)).toHaveLength(2)
    expect(stdout).toContain('name: casa-prod-keeper')
  })

  it('tells an environment that is not there', async () => {
    expect(await homeslice('render', '--env', 'dev')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('there is no environment "dev"') as string,
    })
  })

  it('prints its document also when it fails', async () => {
    const { stdout, exit } = await homeslice('plan', '--file', 'bad.yaml', '--json')
    expect([exit, JSON.parse(stdout)]).toEqual([
      2,
      {
        environment: 'prod',
        changes: [],
        stopped: [],
        error: {
          message: '"Nowhere" is no IANA timezone',
          fix: expect.stringContaining('1 more: run homeslice check bad.yaml') as string,
          file: 'bad.yaml',
          line: 2,
          column: 21,
        },
      },
    ])
  })
})

describe('doctor --rbac', () => {
  it('prints what an account needs for every environment, as kubectl takes it; needs no cluster', async () => {
    const text = small.replace('services:', 'environments: { prod: {}, staging: {} }\nservices:')
    await writeFile(join(folder, 'two.yaml'), text)
    const { stdout, exit } = await homeslice('doctor', '--rbac', '--file', 'two.yaml')
    const objects = loadAll(stdout) as { kind: string; metadata: { name: string; namespace?: string } }[]
    const inPlaces = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)
    const ofKeeper = /keeper/u
    expect([exit, inPlaces.filter((place) => !ofKeeper.test(place))]).toEqual([
      0,
      [
        'ClusterRole /homeslice',
        'ClusterRoleBinding /homeslice',
        'Namespace /casa-prod-clock',
        'Namespace /casa-staging-clock',
        'Namespace /homeslice-system',
        'Role casa-prod-clock/homeslice',
        'Role casa-staging-clock/homeslice',
        'Role homeslice-system/homeslice',
        'RoleBinding casa-prod-clock/homeslice',
        'RoleBinding casa-staging-clock/homeslice',
        'RoleBinding homeslice-system/homeslice',
        'ServiceAccount homeslice-system/homeslice',
        'ValidatingAdmissionPolicy /homeslice-writer',
        'ValidatingAdmissionPolicyBinding /homeslice-writer',
      ],
    ])
    expect(inPlaces.filter((place) => ofKeeper.test(place) && place.includes('prod'))).toEqual([
      'ClusterRole /casa-prod-keeper',
      'ClusterRoleBinding /casa-prod-keeper',
      'Namespace /casa-prod-keeper',
      'Role casa-prod-keeper/homeslice',
      'Role casa-prod-keeper/keeper',
      'Role homeslice-system/casa-prod-keeper',
      'RoleBinding casa-prod-keeper/homeslice',
      'RoleBinding casa-prod-keeper/keeper',
      'RoleBinding homeslice-system/casa-prod-keeper',
    ])
    const json = await homeslice('doctor', '--rbac', '--json', '--file', 'two.yaml')
    expect(JSON.parse(json.stdout)).toEqual({ objects: expect.any(Array) as object })
  })

  it('tells what is wrong with the home file instead', async () => {
    expect((await homeslice('doctor', '--rbac', '--file', 'bad.yaml')).exit).toBe(2)
  })
})

describe('init', () => {
  it('writes a home that is fine, once, and makes an identity', async () => {
    const made = await homeslice(
      'init',
      '--file',
      'new.yaml',
      '--name',
      'casa',
      '--timezone',
      'UTC',
      '--domain',
      'casa.test',
    )
    expect(made).toMatchObject({ exit: 0, stdout: expect.stringContaining('wrote new.yaml') as string })
    expect((await homeslice('check', 'new.yaml')).exit).toBe(0)
    expect((await homeslice('init', '--file', 'new.yaml')).exit).toBe(1)
    expect(await readFile(join(folder, 'identity.txt'), 'utf8')).toContain('AGE-SECRET-KEY-1')
  })

  it('refuses answers that make no home, and writes nothing', async () => {
    const made = await homeslice('init', '--file', 'other.yaml', '--name', 'My Casa')
    expect(made).toMatchObject({ exit: 2, stderr: expect.stringContaining('must be lower-case') as string })
    expect((await homeslice('check', 'other.yaml')).exit).toBe(2)
  })
})

describe('rollback', () => {
  it.each([
    [['--file', 'bad.yaml'], /"Nowhere" is no IANA timezone\n.*; this works without the file too: --home NAME/u],
    [['--file', 'bad.yaml', '--context', 'k3s'], /--context goes with --home/u],
    [['--home', 'my-casa'], /"my-casa" is no name of a home or an environment/u],
    [['--home', 'casa', '--env', 'prod,x=y'], /"prod,x=y" is no name/u],
  ])('of a home that it cannot find: %j', async (words, says) => {
    const { exit, stderr } = await homeslice('rollback', 'clock', ...words)
    expect([exit, stderr]).toEqual([2, expect.stringMatching(says) as string])
  })

  it('needs no file where the home is named', async () => {
    const { exit, stderr } = await homeslice('rollback', 'clock', '--home', 'casa', '--context', 'nowhere-at-all')
    expect([exit, stderr]).toEqual([4, expect.stringMatching(/kubeconfig|context/u) as string])
  })
})

const far = (registry: string): string =>
  small.replace('services:', `cluster: { context: nowhere, lan: [192.0.2.0/24]${registry} }\nservices:`)

describe('a cluster that has no registry for images of ours', () => {
  it('is refused by up before anything is asked or written', async () => {
    await writeFile(join(folder, 'far.yaml'), far(''))
    expect(await homeslice('up', '--file', 'far.yaml')).toMatchObject({
      exit: 3,
      stderr: expect.stringMatching(
        /far\.yaml uses images of ours \(clocktime\).*\n +set cluster\.registry to a registry/u,
      ) as string,
    })
  })

  it('is where images are named by the registry, once there is one', async () => {
    await writeFile(join(folder, 'far.yaml'), far(', registry: "registry.casa.test:5000/home"'))
    const { stdout } = await homeslice('render', 'far.yaml')
    expect(stdout).toMatch(/image: "?registry\.casa\.test:5000\/home\/clocktime[:@]/u)
  })
})

describe('a cluster that is not there', () => {
  it.each([[['plan']], [['status']], [['up']], [['rollback', 'clock']]])(
    'ends %j with 4 and what to do',
    async (words) => {
      await writeFile(join(folder, 'far.yaml'), far(', registry: registry.casa.test'))
      const before = process.env.KUBECONFIG
      process.env.KUBECONFIG = join(folder, 'no-kubeconfig')
      const { exit, stderr } = await homeslice(...words, '--file', 'far.yaml')
      if (before === undefined) delete process.env.KUBECONFIG
      else process.env.KUBECONFIG = before
      expect([exit, stderr]).toEqual([4, expect.stringMatching(/kubeconfig|context/u) as string])
    },
  )
})
