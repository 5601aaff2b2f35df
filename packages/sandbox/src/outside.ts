import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastLines } from './command.ts'
import { outsideInterface } from './config/outside.ts'
import type { Places } from './folders.ts'
import { findProgram } from './machine.ts'
import type { Running } from './running.ts'

/** Whether pods can reach what lies outside the sandbox, as far as their policy lets them. */
export type Outside = { readonly reachable: true } | { readonly reachable: false; readonly reason: string }

/** What decides whether the outside can be reached. Routes are texts in the form of `/proc/net/route`. */
export type OutsideFacts = {
  readonly installed: boolean
  readonly tunnels: boolean
  readonly routesInside: string
  readonly routesOfMachine: string
  /** What the program that leads out said last. */
  readonly said: string
}

/** Looks whether a running sandbox is connected to this machine's network. */
export const lookOutside = (places: Places, running: Running): Outside =>
  outsideFrom({
    installed: findProgram('slirp4netns') !== undefined,
    tunnels: existsSync('/dev/net/tun'),
    routesInside: read(`/proc/${running.inner}/net/route`),
    routesOfMachine: read('/proc/net/route'),
    said: lastLines(read(join(places.logs, 'slirp4netns.log')), 1),
  })

/** The verdict over these facts, with the first reason that holds. */
export const outsideFrom = (facts: OutsideFacts): Outside => {
  if (!facts.installed) return no('slirp4netns is not installed (Debian package slirp4netns)')
  if (!facts.tunnels) return no('this machine has no /dev/net/tun (kernel module tun)')
  if (!interfaces(facts.routesInside).includes(outsideInterface)) {
    return no(`slirp4netns is not connected${facts.said === '' ? '' : `: ${facts.said}`}`)
  }
  const machine = interfaces(facts.routesOfMachine).filter((name) => name !== 'lo')
  return machine.length === 0 ? no('this machine itself has no route to any network') : { reachable: true }
}

const no = (reason: string): Outside => ({ reachable: false, reason })

const interfaces = (routes: string): string[] =>
  routes
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t')[0] ?? '')
    .filter((name) => name !== '')

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
