import { join } from 'node:path'
import { notBuilt } from './build.ts'
import { run } from './command.ts'
import { writeConfig } from './config/write.ts'
import { importInto, waitForContainers } from './containers.ts'
import { foldersFrom, placesOf, type Folders, type Places } from './folders.ts'
import { withLock } from './lockfile.ts'
import { checkName } from './name.ts'
import { guard } from './guard.ts'
import { removeGroups } from './groups.ts'
import { launch, waitForApi } from './launch.ts'
import { lookAtMachine } from './machine.ts'
import { failure, type Outcome, type Report } from './outcome.ts'
import { applyParts, isApplied } from './parts/apply.ts'
import { manifestOf, type Manifest } from './parts/manifest.ts'
import { waitForNode, waitForParts } from './parts/ready.ts'
import { preflight } from './preflight.ts'
import { findRunning, type Running } from './running.ts'
import { settle } from './settle.ts'
import { readSettings, type Settings } from './settings.ts'
import { missingImages, partImages, systemImages } from './systemimages.ts'
import { inTask } from './task.ts'

/** How a sandbox is started. */
export type StartOptions = {
  readonly name: string
  /** @default the folders that the environment names */
  readonly folders?: Folders
  /** @default nobody is told */
  readonly report?: Report
  /** False makes etcd skip fsync; only for sandboxes that nobody will miss. Counts at the first start. @default true */
  readonly durable?: boolean
  /** `node` returns when pods can be made, `all` when DNS and the gateway work too. @default 'all' */
  readonly until?: 'node' | 'all'
}

/** A running sandbox, as those who use it see it. */
export type Started = {
  readonly settings: Settings
  readonly kubeconfig: string
  /** Whether it had to be started; false when it ran already. */
  readonly began: boolean
}

/** Starts a sandbox, or does nothing when it runs. Its programs have to be installed. */
export const start = ({
  name,
  folders = foldersFrom(process.env),
  report = () => undefined,
  durable = true,
  until = 'all',
}: StartOptions): Promise<Outcome<Started>> =>
  guard(`starting the sandbox ${name}`, async () => {
    const places = placesOf(folders, name)
    const checked = await canStart(folders, places, name)
    if (!checked.ok) return checked
    const already = await startedAlready(folders, places)
    if (already) return already
    return withLock(join(places.root, 'start'), report, async () => {
      const ended = await waitForRemains(places)
      if (!ended.ok) return ended
      const begun = await begin({ name, folders, durable }, places, report)
      if (!begun.ok) return begun
      const { settings, running, began } = begun
      const done = await raise({ folders, places, settings, report, until }, { running, began })
      return done.ok ? { ok: true, settings, kubeconfig: places.kubeconfig, began } : done
    })
  })

type Wanted = { readonly name: string; readonly folders: Folders; readonly durable: boolean }

type Begun = { readonly settings: Settings; readonly running: Running; readonly began: boolean }

/** Chooses ports and listens on them, one sandbox of this machine at a time: two would choose the same. */
const begin = ({ name, folders, durable }: Wanted, places: Places, report: Report): Promise<Outcome<Begun>> =>
  withLock(join(folders.cache, 'ports'), report, async () => {
    const settled = await settle({ name, folders, durable }, places)
    if (!settled.ok) return settled
    const { settings } = settled
    const before = findRunning(places)
    if (before) return { ok: true, settings, running: before, began: false }
    const up = await bringUp({ folders, places, settings })
    return up.ok ? { ok: true, settings, running: up.running, began: true } : up
  })

// What is left of a killed sandbox may take a moment to end; until then it has the ports.
const waitForRemains = async (places: Places): Promise<Outcome> => {
  if (findRunning(places)) return { ok: true }
  const freed = await run(['flock', '--timeout=20', places.lock, 'true'])
  if (freed.code !== 1) return { ok: true }
  return failure('processes of this sandbox do not end', `look for them: fuser --verbose ${places.lock}`)
}

const canStart = async (folders: Folders, places: Places, name: string): Promise<Outcome> => {
  const named = checkName(name)
  if (!named.ok || findRunning(places)) return named
  const [obstacle] = await preflight(folders)
  return obstacle ? failure(obstacle.message, obstacle.fix) : isInstalled(folders)
}

const startedAlready = async (folders: Folders, places: Places): Promise<Outcome<Started> | undefined> => {
  if (!findRunning(places)) return undefined
  const read = readSettings(places.settings)
  if (!read.ok || !read.settings) return undefined
  const { settings } = read
  const applied = isApplied(places, manifestOf(folders, places, settings, partImages()))
  return applied ? { ok: true, settings, kubeconfig: places.kubeconfig, began: false } : undefined
}

type Context = {
  readonly folders: Folders
  readonly places: Places
  readonly settings: Settings
  readonly report: Report
  readonly until: 'node' | 'all'
}

/** From a node that runs to all that was asked for. */
const raise = async (context: Context, { running, began }: Omit<Begun, 'settings'>): Promise<Outcome> => {
  const { folders, places, settings, report, until } = context
  const manifest = manifestOf(folders, places, settings, partImages())
  // Whoever held the lock before may have done it all.
  if (!began && isApplied(places, manifest)) return { ok: true }
  const filled = await fill(context, running, manifest)
  return filled.ok && until === 'all'
    ? waitForParts({ folders, places, running, report, port: settings.ports.http })
    : filled
}

const isInstalled = (folders: Folders): Outcome => {
  const missing = [
    ...notBuilt(folders).map(({ name }) => name),
    ...missingImages(folders).map(({ reference }) => reference),
  ]
  if (missing.length === 0) return { ok: true }
  return failure(
    `these parts of the sandbox are not installed: ${missing.join(', ')}`,
    'the command line makes them: homeslice sandbox start',
  )
}

type Placed = Pick<Context, 'folders' | 'places' | 'settings'>

const bringUp = async ({ folders, places, settings }: Placed): Promise<Outcome<{ running: Running }>> => {
  const written = await writeConfig(folders, places, settings, lookAtMachine(folders.state))
  if (!written.ok) return written
  // The kubelet asks containerd about each group it finds, and waits long for those of a sandbox that was killed.
  await removeGroups(places.group)
  return launch(folders, places)
}

/** What a cluster needs before pods run: images and the API side by side, then the sandbox's own objects. */
const fill = async ({ folders, places, report }: Context, running: Running, manifest: Manifest): Promise<Outcome> => {
  const images = inTask('system images', report, async () => {
    const waited = await waitForContainers(folders, running)
    return waited.ok ? importInto(folders, running, systemImages(folders)) : waited
  })
  const api = await inTask('API server', report, () => waitForApi(folders, places))
  const applied = api.ok ? await applyParts(folders, places, manifest, report) : api
  const imported = await images
  if (!applied.ok) return applied
  return imported.ok ? waitForNode(folders, places, running, report) : imported
}
