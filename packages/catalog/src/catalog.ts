import { backupTodoist } from './backup-todoist.ts'
import { backupUnifi } from './backup-unifi.ts'
import { buttons } from './buttons.ts'
import { chime } from './chime.ts'
import { clocktime } from './clocktime.ts'
import type { Entry } from './entry.ts'
import { homebridge } from './homebridge.ts'
import { lmz } from './lmz-entry.ts'
import { sonos } from './sonos.ts'
import { switches } from './switches.ts'

/** Settings are checked by the entry's own schema before `wire` and `calls` see them, so the entries may stand side by side. */
const asEntry = <Settings>(entry: Entry<Settings>): Entry => entry as unknown as Entry

/** Every service of ours, by the name that `use` takes. */
export const catalog: ReadonlyMap<string, Entry> = new Map(
  [
    asEntry(clocktime),
    asEntry(buttons),
    asEntry(switches),
    asEntry(sonos),
    asEntry(chime),
    asEntry(lmz),
    asEntry(backupTodoist),
    asEntry(backupUnifi),
    asEntry(homebridge),
  ].map((entry) => [entry.name, entry]),
)
