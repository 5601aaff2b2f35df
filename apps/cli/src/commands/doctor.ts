import { foldersFrom, preflight, status } from '@homeslice/sandbox'
import { reach, sandboxName } from '../cluster.ts'
import type { Context } from '../context.ts'
import type { HomeFlags } from '../flags.ts'
import { loadHome, shortPath } from '../home-file.ts'
import type { Outcome } from '../outcome.ts'
import { wordsOf } from '../outcome.ts'

type Finding = { readonly about: string; readonly ok: boolean; readonly message: string; readonly fix?: string }

/** `homeslice doctor`: what this machine, the cluster and the names of the home need; changes nothing. */
export const doctor = async (context: Context, flags: HomeFlags): Promise<Outcome> => {
  const loaded = await loadHome(context, flags)
  const home: Finding = loaded.ok
    ? { about: 'home file', ok: true, message: `${shortPath(context, loaded.path)} is fine` }
    : { about: 'home file', ok: false, ...loaded.error, message: wordsOf({ ...loaded.error, fix: '' }).trim() }
  const onSandbox = !loaded.ok || loaded.home.cluster.context === undefined
  const findings = [
    home,
    ...(onSandbox ? await sandboxFindings() : []),
    ...(loaded.ok ? [await clusterFinding(context, loaded.home)] : []),
    ...(loaded.ok ? [names(loaded.environment.domain)] : []),
  ]
  const bad = findings.filter(({ ok }) => !ok)
  return {
    exit: bad.length === 0 ? 0 : 1,
    document: { ok: bad.length === 0, findings },
    text: findings
      .map(({ about, ok, message, fix }) =>
        [`${ok ? 'ok ' : 'NOT'} ${about}: ${message}`, ...(fix === undefined ? [] : [`      ${fix}`])].join('\n'),
      )
      .join('\n'),
  }
}

const sandboxFindings = async (): Promise<Finding[]> => {
  const folders = foldersFrom(process.env)
  const obstacles = await preflight(folders)
  const found = await status({ name: sandboxName, folders })
  const outside: Finding[] =
    found.ok && found.status.running && !found.status.outside.reachable
      ? [
          {
            about: 'LAN',
            ok: false,
            message: `pods cannot reach it: ${found.status.outside.reason}`,
            fix: 'real devices stay out of reach; simulated ones work',
          },
        ]
      : []
  if (obstacles.length === 0) return [{ about: 'machine', ok: true, message: 'it can host the sandbox' }, ...outside]
  return [...obstacles.map(({ message, fix }) => ({ about: 'machine', ok: false, message, fix })), ...outside]
}

const clusterFinding = async (context: Context, home: Parameters<typeof reach>[1]): Promise<Finding> => {
  const reached = await reach(context, home)
  if (reached.ok)
    return { about: 'cluster', ok: true, message: `${reached.name} answers, Kubernetes ${reached.connection.version}` }
  const notYet = home.cluster.context === undefined
  return {
    about: 'cluster',
    ok: notYet,
    message: reached.error.message,
    ...(reached.error.fix === undefined ? {} : { fix: reached.error.fix }),
  }
}

const names = (domain: string): Finding => ({
  about: 'names',
  ok: true,
  message: `phones find the home by one DNS record on your router: *.${domain} -> this machine's address; paths work by address alone`,
})
