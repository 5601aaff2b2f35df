import { describe, expect, it } from 'vitest'
import { troubleOf, wasOvertaken } from './trouble.ts'

const about = { url: 'git@github.com:me/backups.git', host: 'github.com', folder: '/tmp/x' }
const tell = (stderr: string): string => troubleOf({ code: 128, stdout: '', stderr }, about)

describe('what hosts and ssh say in words of their own', () => {
  it.each([
    ['ERROR: Repository not found.\nfatal: Could not read from remote repository.', /^there is no repository at git@/u],
    ['git@github.com: Permission denied (publickey).', /^github\.com does not take the private key/u],
    ['ERROR: Permission to me/backups.git denied to deploy key', /^the key may read .* and not write it/u],
    ['Load key "/tmp/x/key": error in libcrypto', /^ssh cannot use the private key \(error in libcrypto\)/u],
    [
      'error: cannot run /tmp/x/ssh: Permission denied\nfatal: unable to fork',
      /^nothing may be executed below \/tmp\/x; set TMPDIR/u,
    ],
    [
      'error: file write error: No space left on device',
      /^a disk is full: of this machine below \/tmp\/x, or of github/u,
    ],
    [
      'ssh: connect to host github.com port 22: Network is unreachable',
      /^github\.com .* port 22: Network is unreachable$/u,
    ],
    [
      'Host key verification failed.',
      /^the known hosts have no key of github\.com; add what `ssh-keyscan github\.com` says/u,
    ],
    ['hint: a\nerror: src refspec main does not match any\n', /^git ended with 128: error: src refspec main/u],
    ['something new\n', /^git ended with 128: something new$/u],
    ['', /^git ended with 128: it said nothing$/u],
  ])('%s', (stderr, says) => {
    expect(tell(stderr)).toMatch(says)
  })

  it('of a push that came too late is no trouble yet', () => {
    const said = (stderr: string) => wasOvertaken({ code: 1, stdout: '', stderr })
    expect(said(' ! [rejected]        HEAD -> main (fetch first)')).toBe(true)
    expect(said(' ! [remote rejected] HEAD -> main (pre-receive hook declined)')).toBe(false)
  })
})
