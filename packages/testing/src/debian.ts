import { run } from './command.ts'

/**
 * The files of a Debian package that a test needs and people do not. Installs it where it is missing: cluster tests run
 * as root.
 */
export const debianPackage = async (name: string): Promise<readonly string[]> => {
  const there = await filesOf(name)
  if (there !== undefined) return there
  const install = `apt-get update -qq && apt-get install -qq -y --no-install-recommends ${name}`
  const installed = await run('sh', ['-c', install], { env: { DEBIAN_FRONTEND: 'noninteractive' } })
  const files = await filesOf(name)
  if (files === undefined) throw new Error(`the test needs the Debian package ${name}: ${installed.stderr}`)
  return files
}

const filesOf = async (name: string): Promise<readonly string[] | undefined> => {
  const listed = await run('dpkg', ['-L', name])
  return listed.code === 0 ? listed.stdout.trim().split('\n') : undefined
}
