import { dump, YAML11_SCHEMA } from 'js-yaml'
import { inOrder, type KubeObject } from './object.ts'

/**
 * Objects as a YAML stream with sorted keys. Text that an older reader (kubectl reads YAML 1.1) would take for a number,
 * a truth value or a date is quoted.
 */
export const toYaml = (objects: readonly KubeObject[]): string =>
  inOrder(objects)
    .map((one) => `---\n${dump(one, { schema: YAML11_SCHEMA, sortKeys: true, lineWidth: -1, noRefs: true })}`)
    .join('')
