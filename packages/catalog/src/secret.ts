import { z } from 'zod'
import type { Secret } from './entry.ts'

/** A secret of the vault, as settings name it. Its name fits a Kubernetes Secret. */
export const secretNamed = (describe: string): z.ZodType<Secret> =>
  z
    .strictObject({
      secret: z
        .string()
        .regex(
          /^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$/u,
          'must be the name of a secret: up to 50 lower-case letters, digits and "-"',
        )
        .describe('A name in secrets.yaml.'),
    })
    .describe(describe)
