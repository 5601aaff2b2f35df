/** Makes what the sandbox needs before tests are timed: a cold machine builds for twenty minutes, and no hook waits that long. */
import { install } from '@homeslice/sandbox'

const installed = await install({
  report: ({ task, state, detail }) => {
    if (state !== 'progress') process.stdout.write(`${state} ${task}${detail === undefined ? '' : ` ${detail}`}\n`)
  },
})
if (!installed.ok) {
  process.stderr.write(`homeslice: ${installed.message}\n  ${installed.fix}\n`)
  process.exitCode = 1
}
