import { buttons } from './buttons.ts'
import { clocktime } from './clocktime.ts'
import type { Entry } from './entry.ts'
import { homebridge } from './homebridge.ts'
import { switches } from './switches.ts'

/** Settings are checked by the entry's own schema before `wire` and `calls` see them, so the entries may stand side by side. */
const asEntry = <Settings>(entry: Entry<Settings>): Entry => entry as unknown as Entry

/** Every service of ours, by the name that `use` takes. */
export const catalog: ReadonlyMap<string, Entry> = new Map(
  [asEntry(clocktime), asEntry(buttons), asEntry(switches), asEntry(homebridge)].map((entry) => [entry.name, entry]),
)
