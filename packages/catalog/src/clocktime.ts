import { z } from 'zod'
import { malformed } from './contract.ts'
import type { Entry } from './entry.ts'

const isZone = (name: string): boolean => {
  try {
    Intl.DateTimeFormat('en-GB', { timeZone: name })
    // Offsets such as +01:00 are no zones: they know no summer time.
    return !/^[+-]/u.test(name)
  } catch {
    return false
  }
}

const settings = z
  .strictObject({
    location: z
      .string()
      .min(1)
      .refine(isZone, 'is no timezone; write it like Europe/Lisbon')
      .optional()
      .describe("IANA zone whose time is told, such as Europe/Lisbon. Default: the home's timezone."),
  })
  .describe('The time of day, for buttons that remember when they were pressed.')

/** The time of day as four digits. */
export const clocktime: Entry<z.infer<typeof settings>> = {
  name: 'clocktime',
  summary: 'Tells the time of day as four digits, HHMM.',
  settings,
  port: 8000,
  metricsPort: 9000,
  paths: ['/api/v0/clocktime/'],
  contract: [
    {
      methods: 'any',
      path: '*',
      summary: 'The time of day.',
      replies: [{ status: 200, body: '^([01][0-9]|2[0-3])[0-5][0-9]$', when: 'always' }, malformed],
    },
  ],
  drives: [],
  resources: { cpu: { request: '10m', limit: '500m' }, memory: { request: '64Mi', limit: '128Mi' } },
  calls: () => [],
  wire: ({ location }, { timezone }) => ({ args: [], env: { LOCATION: location ?? timezone }, files: {} }),
}
