import type { Browser } from 'playwright-core'
import { debianPackage } from './debian.ts'

/** Chromium asks its makers for nothing, and whatever else it would ask finds no host: only this machine answers. */
const alone = ['--disable-background-networking', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1']

/** Debian's Chromium without a window. As root it has no sandbox of its own; it opens only what we serve. */
export const startBrowser = async (): Promise<Browser> => {
  const program = (await debianPackage('chromium')).find((file) => file === '/usr/bin/chromium')
  if (program === undefined) throw new Error('the Debian package chromium brings no /usr/bin/chromium')
  const { chromium } = await import('playwright-core')
  return chromium.launch({ executablePath: program, args: ['--headless=new', '--no-sandbox', ...alone] })
}
