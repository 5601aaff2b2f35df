import type { KubeObject } from '@homeslice/render'
import { writerKey } from '@homeslice/plan'
import { type Estate, foreign, formatOfRecord, systemNamespace } from './applyset.ts'
import type { Connection } from './connection.ts'
import { asFailure, type Hands, remove } from './effects.ts'
import { failure, type Failure } from './failure.ts'
import { kindOf } from './kinds.ts'
import { many } from './many.ts'
import { markedBy } from './mark.ts'
import { createObject, getObject, listKind, noteObject } from './objects.ts'

type Done = { readonly ok: true } | Failure

const atOnce = 8

/** A Secret, since a parent is a ConfigMap and may have the very name: that of a service called `notes-r1`. */
const kind = { apiVersion: 'v1', kind: 'Secret' } as const

const labelKey = (word: 'home' | 'env' | 'service'): string => `homeslice.dev/record-${word}`

/** What a record is about: the service (or `platform`) of an environment, and the number of its version. */
export type Subject = { readonly estate: Estate; readonly service: string; readonly number: number }

/** What a record says: for whoever reads it with kubectl, and as bytes by key, in base64. */
export type RecordContent = {
  readonly annotations: Readonly<Record<string, string>>
  readonly data: Readonly<Record<string, string>>
}

/** A record as an object: what it holds can never be changed, only what it says about itself. */
export const recordObject = (
  { estate: { home, env }, service, number }: Subject,
  { annotations, data }: RecordContent,
): KubeObject => ({
  ...kind,
  metadata: {
    name: `${home}-${env}-${service}-r${number}`,
    namespace: systemNamespace,
    labels: {
      'app.kubernetes.io/managed-by': 'homeslice',
      [labelKey('home')]: home,
      [labelKey('env')]: env,
      [labelKey('service')]: service,
    },
    annotations: { ...formatOfRecord, ...annotations },
  },
  type: 'homeslice.dev/release',
  immutable: true,
  data,
})

/** What a record is about; its number stands in its name. */
export const subjectOf = ({ metadata: { name, labels = {} } }: KubeObject): Subject => {
  const [home = '', env = '', service = ''] = (['home', 'env', 'service'] as const).map(
    (word) => labels[labelKey(word)],
  )
  return { estate: { home, env }, service, number: Number(/-r(\d+)$/u.exec(name)?.[1] ?? 0) }
}

/** The records of an environment without what they hold, or why this program must not touch one. */
export const listRecords = async (
  connection: Connection,
  { home, env }: Estate,
): Promise<{ readonly ok: true; readonly records: KubeObject[] } | Failure> => {
  const labels = `${labelKey('home')}=${home},${labelKey('env')}=${env}`
  const listed = await listKind(connection, kindOf(kind), { namespace: systemNamespace, labels, bare: true })
  if (!listed.ok) return listed
  const newer = listed.objects.map(foreign).find((reason) => reason !== undefined)
  return newer === undefined ? { ok: true, records: listed.objects } : failure('refused', newer, 'update Homeslice')
}

/** A record with what it holds. */
export const readRecord = async (
  connection: Connection,
  record: KubeObject,
): Promise<{ readonly ok: true; readonly record: KubeObject } | Failure> => {
  const said = await getObject(connection, record)
  if (said.ok) return { ok: true, record: said.object }
  if (!('problem' in said) || said.problem !== 'missing') return asFailure(record, said)
  return failure('failed', `the record ${record.metadata.name} is gone`, 'run it again')
}

/** Writes records that are not there yet. */
export const createRecords = async (hands: Hands, records: readonly KubeObject[]): Promise<Done> => {
  const made = await many(records, atOnce, (record) => createRecord(hands, record))
  return made.find(({ ok }) => !ok) ?? { ok: true }
}

const createRecord = async ({ connection, writer, report }: Hands, record: KubeObject): Promise<Done> => {
  const said = await createObject(connection, markedBy(writer, record))
  if (!said.ok && !('problem' in said && said.problem === 'conflict')) return asFailure(record, said)
  // A call whose answer was lost is made again: then what is there is what we wrote.
  const there = said.ok ? said : await getObject(connection, record)
  if (!there.ok) return asFailure(record, there)
  if (there.object.metadata.annotations?.[writerKey] !== writer.mark) {
    const { name } = record.metadata
    const fix = `if nobody needs it, remove it: kubectl delete secret -n ${systemNamespace} ${name}`
    return failure('failed', `the record ${name} is there already`, fix)
  }
  report({ task: 'records', state: 'progress', detail: `wrote ${record.metadata.name}` })
  return { ok: true }
}

/** Something new that records say about themselves. One that is gone meanwhile says nothing. */
export const noteRecords = async (
  { connection, writer }: Hands,
  notes: readonly { readonly record: KubeObject; readonly annotations: Readonly<Record<string, string>> }[],
): Promise<Done> => {
  const noted = await many(notes, atOnce, async ({ record, annotations }): Promise<Done> => {
    const said = await noteObject(connection, record, { ...annotations, [writerKey]: writer.mark })
    return said.ok || ('problem' in said && said.problem === 'missing') ? { ok: true } : asFailure(record, said)
  })
  return noted.find(({ ok }) => !ok) ?? { ok: true }
}

/** Deletes records. */
export const removeRecords = async (hands: Hands, records: readonly KubeObject[]): Promise<Done> => {
  const quiet: Hands = { ...hands, report: () => undefined }
  const removed = await many(records, atOnce, (record) => remove(quiet, record))
  return removed.find(({ ok }) => !ok) ?? { ok: true }
}
