import type { KubeObject } from '@homeslice/render'

/** Namespaces that are wanted and not ours yet: each is to be looked at before it is made. */
export const unknownNamespaces = (desired: readonly KubeObject[], live: readonly KubeObject[]): KubeObject[] => {
  const ours = new Set(live.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name))
  return desired.filter(({ kind, metadata }) => kind === 'Namespace' && !ours.has(metadata.name))
}

/** Server-side apply would quietly take over a namespace of others, and `destroy` would delete it: so it is refused. */
export const takenNamespace = (name: string): { readonly message: string; readonly fix: string } => ({
  message: `the namespace ${name} is there already, and it is not ours`,
  fix: 'rename the service, or remove that namespace yourself',
})
