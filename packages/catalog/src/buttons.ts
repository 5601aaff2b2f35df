import { z } from 'zod'
import type { Entry } from './entry.ts'

const settings = z
  .strictObject({
    clocktime: z
      .string()
      .min(1)
      .default('clocktime')
      .describe('The service of this home that tells the time; it must stand in `needs`.'),
    size: z
      .int()
      .min(1)
      .max(100_000)
      .default(128)
      .describe('How many buttons are remembered; the one unused for longest is forgotten first.'),
  })
  .describe('Virtual buttons that remember their last press.')

/** Virtual buttons that remember their last press. */
export const buttons: Entry<z.infer<typeof settings>> = {
  name: 'buttons',
  summary: 'Virtual buttons: remembers on or off for each, and tells the time with it.',
  settings,
  port: 8000,
  metricsPort: 9000,
  paths: ['/api/v0/buttons/', '/api/v0/buttontimes/'],
  drives: [],
  resources: { cpu: { request: '10m', limit: '500m' }, memory: { request: '64Mi', limit: '128Mi' } },
  calls: (chosen) => [chosen.clocktime],
  wire: (chosen, { urlOf }) => ({
    args: [],
    env: { CLOCKTIME_URL: urlOf(chosen.clocktime), BUTTONS_SIZE: String(chosen.size) },
    files: {},
  }),
}
