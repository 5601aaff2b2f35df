import { writerKey } from '@homeslice/plan'
import type { KubeObject } from '@homeslice/render'
import type { Failure } from './failure.ts'

/** Whose turn it was to write when somebody looked; nobody's where the holder is empty. */
export type Turn = { readonly ok: true; readonly holder: string; readonly token: number }

/** The one who may write to an environment. */
export type Writer = {
  /** What each write says: `LEASE/TOKEN`. */
  readonly mark: string
  /** Whether no other run of ours can have written since it was nobody's turn. */
  readonly isNextAfter: (turn: Turn) => boolean
  /** Asks the server whether it still holds the lease. */
  readonly confirm: () => Promise<{ readonly ok: true } | Failure>
}

/** An object that says who writes it. */
export const markedBy = ({ mark }: Pick<Writer, 'mark'>, object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [writerKey]: mark } },
})
