import { describe, expect, it } from 'vitest'
import { cloudOf, repositoryOf } from './settings.ts'

const needed = {
  GITHUB_BACKUP_GIT_CLONE_URL: 'git@github.com:me/backups.git',
  GITHUB_BACKUP_PRIVATE_KEY_PATH: '/key',
  GITHUB_BACKUP_AUTHOR_NAME: 'Me',
  GITHUB_BACKUP_AUTHOR_EMAIL: 'me@example.org',
}
const refusal = (message: RegExp) => ({ ok: false, exit: 2, message: expect.stringMatching(message) as string })

describe('settings of backup-todoist', () => {
  it('are those of the original, with its defaults', () => {
    const usual = {
      ok: true,
      remote: { url: 'git@github.com:me/backups.git', privateKeyPath: '/key', knownHostsPath: undefined },
      author: { name: 'Me', email: 'me@example.org' },
      message: 'backup',
      filename: 'backup.json',
    }
    expect(repositoryOf(needed)).toEqual(usual)
    expect(
      repositoryOf({
        ...needed,
        GITHUB_BACKUP_COMMIT_MESSAGE: 'nightly',
        TODOIST_BACKUP_FILENAME: 'todo/all.json',
        SSH_KNOWN_HOSTS: '/hosts',
      }),
    ).toEqual({
      ...usual,
      remote: { ...usual.remote, knownHostsPath: '/hosts' },
      message: 'nightly',
      filename: 'todo/all.json',
    })
  })

  it('name Todoist itself, or what stands for it', () => {
    expect(cloudOf({ TODOIST_TOKEN: 'x' })).toEqual({ ok: true, token: 'x', baseUrl: 'https://api.todoist.com' })
    expect(cloudOf({ TODOIST_TOKEN: 'x', TODOIST_BASE_URL: 'http://cloud' })).toMatchObject({ baseUrl: 'http://cloud' })
  })

  it.each(Object.keys(needed))('refuse to do without %s', (name) => {
    expect(repositoryOf({ ...needed, [name]: '' })).toEqual(refusal(new RegExp(`^${name} is not set$`, 'u')))
  })

  it('name everything that is missing', () => {
    expect(repositoryOf({})).toEqual(
      refusal(/^GITHUB_BACKUP_GIT_CLONE_URL, .*, GITHUB_BACKUP_AUTHOR_EMAIL are not set$/u),
    )
  })

  it.each(['/etc/passwd', '../x', 'a/../x', '.git/config', '.GIT', 'a/', '.', './x', '..', 'a\0b'])(
    'refuse the path %j',
    (path) => {
      expect(repositoryOf({ ...needed, TODOIST_BACKUP_FILENAME: path })).toEqual(
        refusal(/must be a path within the repository/u),
      )
    },
  )

  it.each([
    ['no token', {}, /^TODOIST_TOKEN is not set/u],
    ['a token with a line end', { TODOIST_TOKEN: 'secret\n' }, /^TODOIST_TOKEN holds what no token holds(?!.*secret)/u],
    ['a base that is no URL', { TODOIST_TOKEN: 'x', TODOIST_BASE_URL: 'todoist' }, /"todoist", which is no URL/u],
  ])('refuse %s', (_, env, message) => {
    expect(cloudOf(env)).toEqual(refusal(message))
  })
})
