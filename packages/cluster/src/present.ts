import { identityOf, type KubeObject } from '@homeslice/render'
import { type Estate, labelsOfEstate } from './applyset.ts'
import type { Connection } from './connection.ts'
import { asFailure } from './effects.ts'
import type { Failure } from './failure.ts'
import { type Kind, kinds } from './kinds.ts'
import { many } from './many.ts'
import { getObject, listKind } from './objects.ts'

const atOnce = 8

/** Whoever looks in the cluster has 70 MiB for all that it does. */
const few = 50

/** The one kind of which only metadata is read. */
const secretive = 'Secret'

/** The kinds that are looked at; without those that hold secrets, where whoever looks may not read them. */
export const lookedAt = ({ secrets }: { readonly secrets: boolean }): readonly Kind[] =>
  kinds.filter(({ kind }) => secrets || kind !== secretive)

/**
 * Everything of a kind that is ours by its labels, and those of `wanted` that are there without them. Of Secrets only
 * their metadata: their values are never read.
 */
export const present = async (
  connection: Connection,
  kind: Kind,
  { estate, wanted }: { readonly estate: Estate; readonly wanted: readonly KubeObject[] },
): Promise<{ readonly ok: true; readonly objects: readonly KubeObject[] } | Failure> => {
  const bare = kind.kind === secretive
  const listed = await listKind(connection, kind, { labels: labelsOfEstate(estate), bare, atOnce: few })
  if (!listed.ok) return listed
  const seen = new Set(listed.objects.map(identityOf))
  const missing = wanted.filter((object) => !seen.has(identityOf(object)))
  const asked = await many(missing, atOnce, async (object) => {
    const said = await getObject(connection, object, { bare })
    if (said.ok || !('problem' in said) || said.problem !== 'missing') return said.ok ? said : asFailure(object, said)
    return undefined
  })
  const strays: KubeObject[] = []
  for (const one of asked) {
    if (one === undefined) continue
    if (!one.ok) return one
    strays.push(one.object)
  }
  return { ok: true, objects: [...listed.objects, ...strays] }
}
