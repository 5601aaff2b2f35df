import { defineScalarTag, dump, floatCoreTag, NOT_RESOLVED, YAML11_SCHEMA } from 'js-yaml'
import { inOrder, type KubeObject } from './object.ts'

/** YAML 1.1 wants a dot in a float and YAML 1.2 does not: text is quoted if either takes it for a number. */
const float12 = defineScalarTag('tag:homeslice.dev,2026:float', {
  implicit: true,
  identify: () => false,
  resolve: (source) => (floatCoreTag.resolve(source, false, floatCoreTag.tagName) === NOT_RESOLVED ? NOT_RESOLVED : source),
})

const schema = YAML11_SCHEMA.withTags([float12])

/**
 * Objects as a YAML stream with sorted keys. Text that an older reader (kubectl reads YAML 1.1) would take for a number,
 * a truth value or a date is quoted.
 */
export const toYaml = (objects: readonly KubeObject[]): string =>
  inOrder(objects)
    .map((one) => `---\n${dump(one, { schema, sortKeys: true, lineWidth: -1, noRefs: true })}`)
    .join('')
