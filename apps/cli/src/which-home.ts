import type { Home } from '@homeslice/config'
import type { Context } from './context.ts'
import type { HomeFlags } from './flags.ts'
import { loadHome } from './home-file.ts'
import type { Failure } from './outcome.ts'

/** The names of a home, and how its cluster is reached: all that a verb needs which goes by what the cluster holds. */
export type WhichHome = Pick<Home, 'name'> & {
  readonly env: string
  readonly cluster: Pick<Home['cluster'], 'context'>
}

/** `--home NAME` and `--context NAME`, instead of a file. */
export type WhichFlags = HomeFlags & { readonly home?: string; readonly context?: string }

type Found = { readonly ok: true; readonly home: WhichHome } | { readonly ok: false; readonly error: Failure }

/** Which home a verb means: the one that is named, which asks for no file at all, else that of the file. */
export const whichHome = async (
  context: Context,
  { home: name, context: cluster, ...flags }: WhichFlags,
): Promise<Found> => {
  if (name === undefined) return ofFile(context, flags, cluster)
  const wrong = [name, flags.env].find((word) => !/^[a-z][a-z0-9]*$/u.test(word))
  if (wrong !== undefined) {
    return {
      ok: false,
      error: {
        message: `"${wrong}" is no name of a home or an environment`,
        fix: 'name it as `home.name` and `environments` do',
      },
    }
  }
  return { ok: true, home: { name, env: flags.env, cluster: cluster === undefined ? {} : { context: cluster } } }
}

const ofFile = async (context: Context, flags: HomeFlags, cluster: string | undefined): Promise<Found> => {
  if (cluster !== undefined) {
    return {
      ok: false,
      error: { message: '--context goes with --home', fix: 'the home file names its cluster itself' },
    }
  }
  const loaded = await loadHome(context, flags, { example: false })
  if (loaded.ok) {
    const { home, environment } = loaded
    return { ok: true, home: { name: home.name, env: environment.name, cluster: home.cluster } }
  }
  const without = 'this works without the file too: --home NAME (and --context NAME, if it is not the sandbox)'
  const fix = [loaded.error.fix, without].filter((part) => part !== undefined).join('; ')
  return { ok: false, error: { ...loaded.error, fix } }
}
