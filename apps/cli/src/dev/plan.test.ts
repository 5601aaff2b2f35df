import { describe, expect, it } from 'vitest'
import { parseHome } from '@homeslice/config'
import { below } from './lay-out.ts'
import { createLog, readLine } from './log.ts'
import { planOf, type Program } from './plan.ts'

const places = {
  portsOf: (name: string) => ({ port: 5000 + name.length, metricsPort: 6000 + name.length }),
  addressOf: (name: string) => `127.0.0.${name.length}`,
  has: (image: string) => image !== 'buttons',
}
const planned = (services: string) => {
  const text = `version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\ndevices:\n  porch: { kind: kasa, address: 192.0.2.20 }\n  attic: { kind: wemo, address: 192.0.2.21 }\nservices:\n${services}`
  const read = parseHome(text)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return planOf(read.home, read.home.environments['prod']!, places)
}

describe('a home as a plan of processes', () => {
  it('simulates every device that is used, whatever the home file says, and calls none of the house', () => {
    const { programs, standIns } = planned('  switches: { use: switches, devices: [porch] }\n')
    expect(standIns).toEqual([{ service: 'device-porch', kind: 'kasa', name: 'porch' }])
    expect(programs[0]).toMatchObject({ kind: 'simulator', args: ['kasa', 'porch'], host: '127.0.0.12' })
    expect(programs[1]).toMatchObject({ kind: 'service', host: '127.0.0.1', port: 5008, metricsPort: 6008 })
    expect(JSON.stringify(programs)).not.toContain('192.0.2')
    expect(programs[1]?.files['/etc/switches/switches.json']).toContain('"127.0.0.12"')
  })

  it('wires services to each other on loopback, and lets the home file have the last word', () => {
    const { programs, secrets, notRun } = planned(
      [
        '  clocktime: { use: clocktime, needs: [web], env: { WEB: { service: web }, LOCATION: Asia/Tokyo, KEY: { secret: key } } }',
        '  web: { image: "example.test/web:1", port: 80, routes: [] }',
        '  odd: { use: clocktime, command: [sh], routes: [] }',
        '  buttons: { use: buttons, needs: [clocktime] }',
        '',
      ].join('\n'),
    )
    expect(programs.map(({ name, env }) => [name, env])).toEqual([
      ['clocktime', { TZ: 'UTC', LOCATION: 'Asia/Tokyo', WEB: 'http://127.0.0.1:5003', KEY: 'dev-key' }],
    ])
    expect(secrets).toEqual(['key'])
    expect(notRun.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([
      'web: its image is example.test/web:1; here run the services of the catalog only',
      'odd: its home file names a command of its own, which is in its image and not here',
      'buttons: there is no program of buttons to run without its image',
    ])
  })
})

describe('paths of a container below a folder', () => {
  it('are moved wherever they are named, whole', () => {
    const program: Program = {
      name: 'x',
      kind: 'service',
      image: 'x',
      args: ['/etc/x/x.json', '--data=/data', '/etc/x', '/etc/x5', 'http://host/data'],
      env: { STATE: '/data/state', KEY: '/data/a+b' },
      files: { '/etc/x/x.json': '{"key":"/data/a+b","twice":"/data /data"}', '/data/a+b': 'k' },
      folders: ['/data'],
      host: '127.0.0.1',
      port: 1,
      metricsPort: 2,
    }
    expect(below('/f', program)).toEqual({
      args: ['/f/etc/x/x.json', '--data=/f/data', '/f/etc/x', '/etc/x5', 'http://host/data'],
      env: { STATE: '/f/data/state', KEY: '/f/data/a+b' },
      files: { '/f/etc/x/x.json': '{"key":"/f/data/a+b","twice":"/f/data /f/data"}', '/f/data/a+b': 'k' },
      folders: ['/f/data'],
    })
    const bare = { ...program, args: ['/a'], env: {}, files: {}, folders: [] }
    expect(below('/f', bare)).toEqual({ args: ['/a'], env: {}, files: {}, folders: [] })
  })
})

describe('the log', () => {
  it.each([
    [
      '{"level":30,"service":"a","name":"a","msg":"request","path":"/x y","seconds":0.123456}',
      'info request path="/x y" seconds=0.1235',
    ],
    ['{"level":50,"err":{"stack":"Error: x\\n at y"},"name":"b"}', 'error err=Error: x\n at y name=b'],
    ['{"level":40,"reason":["a"],"since":null}', 'warn reason=["a"] since=null'],
    ['{"level":35}', 'info '],
    ['{no json', 'error {no json'],
    ['plain \u001b[31mred\u001b[0m\u0007', 'error plain  [31mred [0m'],
  ])('reads %j', (line, said) => {
    const { level, text } = readLine(line, 'stderr')
    expect(`${level} ${text}`).toBe(said)
    expect(readLine('hello', 'stdout')).toEqual({ level: 'info', text: 'hello' })
  })

  it('is coloured on a terminal alone, a colour for each name', () => {
    const written = (isTTY: boolean): string => {
      let all = ''
      const stream = { isTTY, write: (text: string) => void (all += text) }
      const log = createLog(stream, ['clocktime'], () => new Date(2026, 0, 2, 3, 4, 5))
      log('clocktime', { level: 'info', text: 'one\ntwo' })
      log('b', { level: 'error', text: 'three' })
      return all
    }
    const plain = '03:04:05 clocktime info  one\n03:04:05 clocktime info  two\n03:04:05 b         error three\n'
    expect(written(false)).toBe(plain)
    const before = process.env['NO_COLOR']
    delete process.env['NO_COLOR']
    const coloured = written(true)
    if (before !== undefined) process.env['NO_COLOR'] = before
    expect(coloured).toContain('\u001b[36mclocktime\u001b[39m')
    expect(coloured).toContain('\u001b[31merror\u001b[39m')
    // oxlint-disable-next-line no-control-regex -- colours are what it looks for
    expect(coloured.replaceAll(/\u001b\[\d+m/gu, '')).toBe(plain)
  })
})
