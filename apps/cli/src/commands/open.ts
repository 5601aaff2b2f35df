import { spawn } from 'node:child_process'
import { gatewayOf, urlOf } from '../addresses.ts'
import type { Context } from '../context.ts'
import type { HomeFlags } from '../flags.ts'
import { loadHome, serviceNamed } from '../home-file.ts'
import { failed, type Outcome } from '../outcome.ts'

/** `homeslice open SERVICE`: its first open route in the browser, or only its URL. */
export const open = async (
  context: Context,
  flags: HomeFlags & { readonly print: boolean },
  name: string,
): Promise<Outcome> => {
  const nothing = { service: name }
  const loaded = await loadHome(context, flags)
  if (!loaded.ok) return failed(2, loaded.error, nothing)
  const named = serviceNamed(loaded.environment, name)
  if (!named.ok) return failed(2, named.error, nothing)
  const gateway = gatewayOf(loaded.home)
  if (gateway === undefined && loaded.home.cluster.context === undefined) {
    return failed(4, { message: 'the sandbox does not run', fix: 'bring it up: homeslice up' }, nothing)
  }
  const url = urlOf(named.service, gateway, loaded.environment)
  if (url === undefined) {
    return failed(
      1,
      { message: `${name} has no open route`, fix: 'give it one in the home file: routes: [{ who: home }]' },
      nothing,
    )
  }
  if (!flags.print) browse(url)
  return { exit: 0, document: { service: name, url }, text: url }
}

/** Where no browser can be started, the printed URL is all there is. */
const browse = (url: string): void => {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open'
  spawn(program, [url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref()
}
