import { failure, type Outcome } from './outcome.ts'

/** Whether a sandbox can be called so: the name becomes part of a host's name and of folders. */
export const checkName = (name: string): Outcome =>
  /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)
    ? { ok: true }
    : failure(
        `"${name}" cannot be a sandbox's name`,
        'use up to 40 lower-case letters, digits and "-", beginning with a letter',
      )
