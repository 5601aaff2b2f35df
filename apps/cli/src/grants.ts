import { accountName, grantsFor, membersOf, systemNamespace } from '@homeslice/cluster'
import { toYaml } from '@homeslice/render'
import type { Context } from './context.ts'
import type { HomeFlags } from './flags.ts'
import { loadHome } from './home-file.ts'
import { loadHouse } from './house.ts'
import { failed, type Outcome } from './outcome.ts'

/** What an account with few rights needs to bring every environment of a home up; printed for whoever may grant it. */
export const grants = async (context: Context, flags: HomeFlags): Promise<Outcome> => {
  const nothing = { objects: [] }
  const loaded = await loadHome(context, flags)
  if (!loaded.ok) return failed(2, loaded.error, nothing)
  const desired = []
  for (const env of Object.keys(loaded.home.environments)) {
    const house = await loadHouse(context, { file: loaded.path, env })
    if (!house.ok) return failed(house.exit, house.error, nothing)
    desired.push(...membersOf(house.rendered))
  }
  const objects = grantsFor(desired)
  return { exit: 0, document: { objects }, text: `${heading}${toYaml(objects)}` }
}

const heading = `# Whoever runs the cluster applies this once, and again when a service joins the home file:
#   homeslice doctor --rbac | kubectl apply -f -
# Then the account has what \`homeslice up\` needs. A token for its kubeconfig:
#   kubectl create token ${accountName} -n ${systemNamespace} --duration 720h
# Another user or group can take its place as the subject of every binding.
`
