import { z } from 'zod'
import type { Entry } from './entry.ts'
import { cloudOf, missingFor, repositorySettings, wirePush } from './repository.ts'

const settings = z
  .strictObject({
    ...repositorySettings,
    folder: z
      .string()
      .regex(/^(\/[^/:\0]+)+$/u, 'must be an absolute path without ":"')
      .default('/var/lib/unifi/backup/autobackup')
      .describe('Where the UniFi network application leaves its automatic backups, on the node.'),
    maxAgeDays: z
      .int()
      .min(0)
      .max(3650)
      .default(35)
      .describe('A newest backup that is older fails the run, in days; 0 takes any.'),
  })
  .describe('The newest backup of UniFi in a git repository, each night.')

/** Where the program sees that folder. */
const folder = '/unifi'

/** Saves UniFi's own backups to a git repository. */
export const backupUnifi: Entry<z.infer<typeof settings>> = {
  name: 'backup-unifi',
  summary: 'Pushes the newest automatic backup of UniFi to a git repository each night.',
  settings,
  schedule: '0 0 * * *',
  paths: [],
  contract: [],
  drives: [],
  clouds: (chosen) => [cloudOf(chosen)],
  host: (chosen) => ({ folders: { [folder]: chosen.folder }, because: 'UniFi leaves its automatic backups there' }),
  resources: { cpu: { request: '10m', limit: '500m' }, memory: { request: '64Mi', limit: '192Mi' } },
  calls: () => [],
  check: missingFor,
  wire: (chosen, house) => {
    const { env, files } = wirePush(chosen, house, 'GITHUB_BACKUP_SSH_KNOWN_HOSTS_PATH')
    // What stands in for a backup is as old as its pod.
    const days = house.simulate ? 0 : chosen.maxAgeDays
    return {
      args: [folder],
      env: { ...env, UNIFI_BACKUP_MAX_AGE_DAYS: String(days) },
      files: { ...files, ...(house.simulate ? { [`${folder}/simulated.unf`]: 'what UniFi would have saved\n' } : {}) },
    }
  },
}
