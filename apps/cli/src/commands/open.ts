import { spawn } from 'node:child_process'
import type { Home, Service } from '@homeslice/config'
import { type Gateway, gatewayOf, needsAddress, sandboxGateway, urlOf } from '../addresses.ts'
import { type NotReached, reach } from '../cluster.ts'
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
  const found = await gatewayFor(context, loaded.home, named.service)
  if (!found.ok) return failed(found.exit, found.error, nothing)
  const url = urlOf(named.service, found.gateway, loaded.environment)
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

type Found = { readonly ok: true; readonly gateway: Gateway } | NotReached

/** The cluster is asked only where a route goes by the address of its gateway. */
const gatewayFor = async (context: Context, home: Home, service: Service): Promise<Found> => {
  if (home.cluster.context === undefined) {
    const gateway = sandboxGateway()
    if (gateway !== undefined) return { ok: true, gateway }
    return { ok: false, exit: 4, error: { message: 'the sandbox does not run', fix: 'bring it up: homeslice up' } }
  }
  if (!needsAddress(service, home)) return { ok: true, gateway: undefined }
  const reached = await reach(context, home)
  return reached.ok ? { ok: true, gateway: await gatewayOf(home, reached.connection) } : reached
}

/** Where no browser can be started, the printed URL is all there is. */
const browse = (url: string): void => {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open'
  spawn(program, [url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref()
}
