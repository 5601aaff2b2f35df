/** `./homeslice build [--cli | --relock]`: bundles what ships; with `--relock` takes the newest inputs for the images. */
import { join } from 'node:path'
import { bundleCommand, lockThirdParty, refreshLock, relock } from '@homeslice/images'

const root = join(import.meta.dirname, '..')
const known = ['--cli', '--relock']
const stop: (why: { readonly message: string; readonly fix: string }) => never = ({ message, fix }) => {
  process.stderr.write(`homeslice: ${message}\n  ${fix}\n`)
  process.exit(1)
}
const words = process.argv.slice(2)
const unknown = words.filter((word) => !known.includes(word))
if (unknown.length > 0) {
  process.stderr.write(`homeslice build: ${unknown.join(' ')} is not known here; it takes --relock or nothing.\n`)
  process.exit(2)
}
if (words.includes('--relock')) {
  const { foldersFrom, install, thirdPartyImages } = await import('@homeslice/sandbox')
  const relocked = await relock({ root, cache: foldersFrom(process.env).cache })
  if (!relocked.ok) stop(relocked)
  // What the sandbox's own images turn out to be is known only once they are built.
  const installed = await install({
    report: ({ task, state }) => void (state === 'progress' || process.stderr.write(`${state} ${task}\n`)),
  })
  if (!installed.ok) stop(installed)
  const named = await lockThirdParty(root, thirdPartyImages(foldersFrom(process.env)))
  if (!named.ok) stop(named)
}
const locked = await refreshLock(root)
if (!locked.ok) stop(locked)
const bundled = await bundleCommand(root)
if (!bundled.ok) stop(bundled)
if (!words.includes('--cli')) {
  const names = Object.keys(locked.lock.ours).map((name) => `dist/services/${name}.mjs`)
  process.stdout.write(`${['dist/cli.mjs', ...names].join('\n')}\n`)
}
