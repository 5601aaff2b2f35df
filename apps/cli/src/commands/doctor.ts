import { foldersFrom, preflight, status } from '@homeslice/sandbox'
import { clusterFindings } from '../cluster-findings.ts'
import { sandboxName } from '../cluster.ts'
import type { Context } from '../context.ts'
import type { Finding } from '../finding.ts'
import type { HomeFlags } from '../flags.ts'
import { grants } from '../grants.ts'
import { loadHome, shortPath } from '../home-file.ts'
import type { Outcome } from '../outcome.ts'
import { wordsOf } from '../outcome.ts'

/** `homeslice doctor`: what this machine, the cluster and the names of the home need; changes nothing. */
export const doctor = (context: Context, flags: HomeFlags & { readonly rbac: boolean }): Promise<Outcome> =>
  flags.rbac ? grants(context, flags) : examine(context, flags)

const examine = async (context: Context, flags: HomeFlags): Promise<Outcome> => {
  const loaded = await loadHome(context, flags)
  const home: Finding = loaded.ok
    ? { about: 'home file', ok: true, message: `${shortPath(context, loaded.path)} is fine` }
    : { about: 'home file', ok: false, ...loaded.error, message: wordsOf({ ...loaded.error, fix: '' }).trim() }
  const onSandbox = !loaded.ok || loaded.home.cluster.context === undefined
  const findings = [
    home,
    ...(onSandbox ? await sandboxFindings() : []),
    ...(loaded.ok ? await clusterFindings(context, flags, loaded) : []),
  ]
  const bad = findings.filter(({ ok }) => !ok)
  return {
    exit: bad.length === 0 ? 0 : 1,
    document: { ok: bad.length === 0, findings },
    text: findings
      .map(({ about, ok, unknown, message, fix }) =>
        [`${mark(ok, unknown)} ${about}: ${message}`, ...(fix === undefined ? [] : [indented(fix)])].join('\n'),
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

const mark = (ok: boolean, unknown: boolean | undefined): string => (unknown === true ? '?? ' : ok ? 'ok ' : 'NOT')

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n')
