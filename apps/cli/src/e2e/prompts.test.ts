import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { homeslice, onTerminal, root, temporaryFolder, temporaryHome } from '@homeslice/testing'

const ctrlC = '\u0003'
const enter = '\r'
const good =
  'version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\nservices: { clock: { use: clocktime } }\n'

const ask = async (...words: string[]) => {
  await homeslice(['--version']) // whatever has to be made first is no part of the conversation
  const folder = await temporaryFolder()
  const env = { HOMESLICE_IDENTITY: join(folder, 'identity.txt') }
  return { folder, env, terminal: onTerminal(join(root, 'homeslice'), words, { env, cwd: folder }) }
}
const questions = ['What is the home called?', 'In which timezone is it?', 'Under which domain']

describe('init on a terminal', () => {
  it.each([0, 1, 2])('ends with 130 at Ctrl-C after %i answers, and writes nothing', async (answers) => {
    const { terminal, folder } = await ask('init')
    for (const question of questions.slice(0, answers)) {
      await terminal.shows(question)
      terminal.type(enter)
    }
    await terminal.shows(questions[answers] ?? '')
    terminal.type(ctrlC)
    const { code, screen } = await terminal.ended
    expect([code, screen]).toEqual([130, expect.stringContaining('nothing was written')])
    expect(existsSync(join(folder, 'home.yaml'))).toBe(false)
    expect(existsSync(join(folder, 'identity.txt'))).toBe(false)
  })

  it('takes what is typed', async () => {
    const { terminal, folder } = await ask('init', '--timezone', 'Europe/Lisbon')
    await terminal.shows(questions[0] ?? '')
    terminal.type(`\u007F\u007F\u007F\u007Fcasa${enter}`)
    await terminal.shows(questions[2] ?? '')
    terminal.type(enter)
    expect((await terminal.ended).code).toBe(0)
    expect(await readFile(join(folder, 'home.yaml'), 'utf8')).toMatch(/name: casa\b[^]*Europe\/Lisbon/u)
  })
})

describe('secrets set on a terminal', () => {
  it('shows nothing of what is typed', async () => {
    const path = await temporaryHome(good)
    const { terminal, env } = await ask('secrets', 'set', 'token', '--file', path)
    await terminal.shows('token')
    terminal.type(`canary-41${enter}`)
    const { code, screen } = await terminal.ended
    expect([code, screen]).toEqual([0, expect.not.stringContaining('canary')])
    const read = await homeslice(['secrets', 'get', 'token', '--file', path], { env })
    expect(read.stdout).toBe('canary-41\n')
  })

  it('ends with 130 at Ctrl-C, and sets nothing', async () => {
    const path = await temporaryHome(good)
    const { terminal } = await ask('secrets', 'set', 'token', '--file', path)
    await terminal.shows('token')
    terminal.type(`half${ctrlC}`)
    expect((await terminal.ended).code).toBe(130)
    expect(existsSync(path.replace('home.yaml', 'secrets.yaml'))).toBe(false)
  })
})
