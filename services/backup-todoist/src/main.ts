import { runOnce } from '@homeslice/service-kit'
import { backup } from './backup.ts'
import { restore } from './restore.ts'
import { cloudOf, repositoryOf } from './settings.ts'

const usage = `usage: backup-todoist                 push a backup of the account, where it has changed
       backup-todoist restore FILE    make everything of a backup anew, in an empty account`

process.exitCode = await runOnce(
  'backup-todoist',
  async ({ args, env }, { log, signal }) => {
    const [verb, file, ...more] = args
    if (more.length > 0 || (verb !== undefined && (verb !== 'restore' || file === undefined)))
      return { exit: 1, message: usage }
    const cloud = cloudOf(env)
    if (!cloud.ok) return cloud
    if (file !== undefined) return restore({ ...cloud, signal }, file, log)
    const repository = repositoryOf(env)
    return repository.ok ? backup({ ...cloud, signal }, repository) : repository
  },
  { args: process.argv.slice(2), env: process.env },
)
