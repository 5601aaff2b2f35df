import { kasaSwitch, type Switch, wemoSwitch } from '@homeslice/devices'
import { readAccount } from './account.ts'
import type { SwitchConfig } from './config.ts'

/** The client of one switch. */
export const deviceOf = (config: SwitchConfig): Switch => {
  const { kind, name, address: host, port, klapPort, child, account } = config
  if (kind === 'wemo/v1') return wemoSwitch({ name, host, ...(port === undefined ? {} : { port }) })
  return kasaSwitch({
    name,
    host,
    // Its legacy port is always 9999: the original ignored the one in the file, and files in use name others.
    ...(klapPort === undefined ? {} : { klapPort }),
    ...(child === undefined ? {} : { child }),
    // Read at each login, so that a changed password needs no restart.
    ...(account === undefined ? {} : { account: () => readAccount(account) }),
  })
}
