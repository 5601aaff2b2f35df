import { z } from 'zod'
import type { Entry } from './entry.ts'

const settings = z
  .strictObject({
    location: z
      .string()
      .min(1)
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
  drives: [],
  resources: { cpu: { request: '10m', limit: '500m' }, memory: { request: '64Mi', limit: '128Mi' } },
  calls: () => [],
  wire: ({ location }, { timezone }) => ({ args: [], env: { LOCATION: location ?? timezone }, files: {} }),
}
