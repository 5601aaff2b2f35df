import { z } from 'zod'
import type { Entry } from './entry.ts'
import { cloudOf, missingFor, repositorySettings, wirePush } from './repository.ts'
import { secretNamed } from './secret.ts'

const settings = z
  .strictObject({
    token: secretNamed(
      'The secret with the token of the account, made under Settings > Integrations > Developer.',
    ).optional(),
    ...repositorySettings,
    message: z.string().min(1).default('backup').describe('The message of each commit.'),
    filename: z.string().min(1).default('backup.json').describe('The path of the backup in the repository.'),
  })
  .describe('A Todoist account in a git repository, each night.')

/** Saves a Todoist account to a git repository. */
export const backupTodoist: Entry<z.infer<typeof settings>> = {
  name: 'backup-todoist',
  summary: 'Pushes all of a Todoist account to a git repository each night, and can make an account anew from it.',
  settings,
  schedule: '0 0 * * *',
  paths: [],
  contract: [],
  drives: [],
  clouds: (chosen) => [{ kind: 'todoist' }, cloudOf(chosen)],
  resources: { cpu: { request: '10m', limit: '500m' }, memory: { request: '64Mi', limit: '192Mi' } },
  calls: () => [],
  check: (chosen, house) => [
    ...missingFor(chosen, house),
    ...(house.simulate || chosen.token !== undefined
      ? []
      : [
          {
            path: [],
            message: 'an account of Todoist is read with its token, and `token` is missing',
            fix: 'add token: { secret: name }, or simulate: true beside settings',
          },
        ]),
  ],
  wire: (chosen, house) => {
    const { env, files } = wirePush(chosen, house, 'SSH_KNOWN_HOSTS')
    const { todoist } = house.clouds
    return {
      args: [],
      env: {
        ...env,
        GITHUB_BACKUP_COMMIT_MESSAGE: chosen.message,
        TODOIST_BACKUP_FILENAME: chosen.filename,
        ...(todoist === undefined
          ? { ...(chosen.token && { TODOIST_TOKEN: chosen.token }) }
          : { TODOIST_BASE_URL: todoist, TODOIST_TOKEN: 'simulated' }),
      },
      files,
    }
  },
}
