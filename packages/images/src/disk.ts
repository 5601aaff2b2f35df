import { AptError } from './apt.ts'
import { failure, type Failure } from './outcome.ts'

/** Builds, and says in a sentence what the disk or a program of Debian's had against it. */
export const onDisk = async <Built>(cache: string, build: () => Promise<Built | Failure>): Promise<Built | Failure> => {
  try {
    return await build()
  } catch (error) {
    if (!(error instanceof AptError || (error instanceof Error && 'code' in error))) throw error
    return failure(
      `the images cannot be written below ${cache}: ${error.message}`,
      'look at the free disk and at who owns that folder',
    )
  }
}
