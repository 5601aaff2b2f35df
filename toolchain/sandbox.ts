/** Makes what the sandbox needs before tests are timed: a cold machine builds for twenty minutes, and no hook waits that long. */
import { join } from 'node:path'
import { readLock } from '@homeslice/images'
import { foldersFrom, install, unlikeLock } from '@homeslice/sandbox'

const installed = await install({
  report: ({ task, state, detail }) => {
    if (state !== 'progress') process.stdout.write(`${state} ${task}${detail === undefined ? '' : ` ${detail}`}\n`)
  },
})
if (!installed.ok) {
  process.stderr.write(`homeslice: ${installed.message}\n  ${installed.fix}\n`)
  process.exitCode = 1
}
const lock = await readLock(join(import.meta.dirname, '..'))
const unlike = lock.ok ? unlikeLock(foldersFrom(process.env), lock.lock.thirdParty) : [lock.message]
if (installed.ok && unlike.length > 0) {
  process.stderr.write(`homeslice: ${unlike.join('; ')}\n  where the recipe changed: ./homeslice build --relock\n`)
  process.exitCode = 1
}
