import type { KubeObject } from '@homeslice/render'
import { groupAt, groupsAt, numberAt, textAt, textsAt } from '../group.ts'

/** An old address and where it leads. */
export type Leading = { readonly from: string; readonly to: string; readonly index: number }

/** The redirect that a route makes. */
export const redirectOf = (route: KubeObject): Leading => {
  const [host = ''] = textsAt(route, 'spec', 'hostnames')
  const [rule] = groupsAt(route, 'spec', 'rules')
  const [match] = groupsAt(rule, 'matches')
  const filter = groupsAt(rule, 'filters').find(({ type }) => type === 'RequestRedirect')
  const { scheme, hostname } = groupAt(filter, 'requestRedirect')
  const url = new URL(`${String(scheme)}://${String(hostname)}:${numberAt(filter, 'requestRedirect', 'port')}`)
  url.pathname = textAt(filter, 'requestRedirect', 'path', 'replaceFullPath')
  return {
    from: `${host}${textAt(match, 'path', 'value')}`,
    to: url.href,
    index: Number(/\d+$/u.exec(route.metadata.name)?.[0]) - 1,
  }
}
