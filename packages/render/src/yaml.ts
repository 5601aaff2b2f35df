import { defineScalarTag, dump, floatCoreTag, intCoreTag, NOT_RESOLVED, YAML11_SCHEMA } from 'js-yaml'
import { inOrder, type KubeObject } from './object.ts'

/** YAML 1.1 and 1.2 write numbers differently (`1e3`, `0o14`): text is quoted if either takes it for a number. */
const number12 = (name: string, { resolve, tagName }: typeof floatCoreTag) =>
  defineScalarTag(`tag:homeslice.dev,2026:${name}`, {
    implicit: true,
    identify: () => false,
    resolve: (source) => (resolve(source, false, tagName) === NOT_RESOLVED ? NOT_RESOLVED : source),
  })

const schema = YAML11_SCHEMA.withTags([number12('float', floatCoreTag), number12('int', intCoreTag)])

/**
 * Objects as a YAML stream with sorted keys. Text that an older reader (kubectl reads YAML 1.1) would take for a number,
 * a truth value or a date is quoted.
 */
export const toYaml = (objects: readonly KubeObject[]): string =>
  inOrder(objects)
    .map((one) => `---\n${dump(one, { schema, sortKeys: true, lineWidth: -1, noRefs: true })}`)
    .join('')
