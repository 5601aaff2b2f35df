import { spawn } from 'node:child_process'
import { builtNames } from './built.ts'
import { imagesOf, importInto, type ImageTar } from './containers.ts'
import { foldersFrom, inside, placesOf, type Folders } from './folders.ts'
import { failure, type Outcome } from './outcome.ts'
import { findRunning, type Running } from './running.ts'
import { readSettings, type Settings } from './settings.ts'

/** Which sandbox is meant. */
export type SandboxOptions = {
  readonly name: string
  /** @default the folders that the environment names */
  readonly folders?: Folders
}

/** Path of the file that kubectl on this machine reads to reach the sandbox (context `homeslice-<name>`). It exists once the sandbox was started. */
export const kubeconfigPath = ({ name, folders = foldersFrom(process.env) }: SandboxOptions): string =>
  placesOf(folders, name).kubeconfig

/** Where a running sandbox answers on this machine; nothing if it does not run. Looks at files alone, unlike `status`. */
export const portsOf = ({
  name,
  folders = foldersFrom(process.env),
}: SandboxOptions): Settings['ports'] | undefined => {
  const places = placesOf(folders, name)
  const read = readSettings(places.settings)
  return read.ok && findRunning(places) !== undefined ? read.settings?.ports : undefined
}

/** Imports images into a running sandbox, those that are not there yet: `imported` names them. */
export const importImages = async (
  { name, folders = foldersFrom(process.env) }: SandboxOptions,
  images: readonly ImageTar[],
): Promise<Outcome<{ imported: string[] }>> => {
  const found = need(folders, name)
  return found.ok ? importInto(folders, found.running, images) : found
}

/** Which of these images a running sandbox does not hold. */
export const absentImages = async (
  { name, folders = foldersFrom(process.env) }: SandboxOptions,
  references: readonly string[],
): Promise<Outcome<{ absent: string[] }>> => {
  const found = need(folders, name)
  if (!found.ok) return found
  const held = await imagesOf(folders, found.running)
  return held.ok ? { ok: true, absent: references.filter((reference) => !held.images.has(reference)) } : held
}

/** The processes of a sandbox that has to run. */
export const need = (folders: Folders, name: string): Outcome<{ running: Running }> => {
  const running = findRunning(placesOf(folders, name))
  if (running) return { ok: true, running }
  return failure(
    `the sandbox ${name} does not run`,
    `start it: homeslice sandbox start${name === 'default' ? '' : ` ${name}`}`,
  )
}

/** Runs a command, by default an interactive shell, inside a running sandbox' namespaces on this terminal. Gives its exit code. */
export const shell = async (
  { name, folders = foldersFrom(process.env) }: SandboxOptions,
  command: readonly string[] = [process.env.SHELL ?? '/bin/sh'],
): Promise<Outcome<{ code: number }>> => {
  const found = need(folders, name)
  if (!found.ok) return found
  const args = ['-t', String(found.running.inner), '-m', '-u', '-i', '-n', '-p', '--', ...command]
  const kubectl = `${inside.bin}/${builtNames().kube}`
  const env = {
    ...process.env,
    KUBECONFIG: `${inside.config}/admin.kubeconfig`,
    PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin:${kubectl}`,
  }
  return new Promise((resolve) => {
    const child = spawn('nsenter', args, { stdio: 'inherit', env })
    child.once('error', (error) => resolve(failure(`no shell inside: ${error.message}`, 'install util-linux')))
    child.once('close', (code) => resolve({ ok: true, code: code ?? 137 }))
  })
}
