import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { counter, createLog, createMetrics, type Logger, serveHealth } from '@homeslice/service-kit'
import { createSounds } from './sounds.ts'

/** Where to listen: 8000 and 9000 by default. */
export type Ports = { readonly port: number; readonly metricsPort: number }

/** Serves sounds until it is told to end. */
export const serveSounds = async (
  folder: string,
  { port, metricsPort }: Ports,
  { stop, log = createLog('chime', 'info') }: { readonly stop: AbortSignal; readonly log?: Logger },
): Promise<void> => {
  const { registry } = createMetrics('chime')
  const served = counter(registry, 'homeslice_sounds_requests_total', 'Requests for sounds by status.', ['status'])
  const sounds = createSounds(folder, (bug) => log.error({ err: bug }, 'this is a bug: a sound could not be served'))
  const server = createServer((request, response) => {
    response.on('finish', () => {
      served.inc({ status: String(response.statusCode) })
      log.info({ method: request.method, path: request.url, status: response.statusCode }, 'request')
    })
    sounds(request, response)
  })
  const health = await serveHealth(metricsPort, { registry, ready: () => server.listening, facts: () => ({ folder }) })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, resolve)
  })
  log.info({ port: (server.address() as AddressInfo).port, metricsPort: health.port }, 'listening')
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve()
    else stop.addEventListener('abort', () => resolve(), { once: true })
  })
  // A sound is over in seconds: who is still listening is waited for.
  const cut = setTimeout(() => server.closeAllConnections(), 4000)
  await new Promise((resolve) => {
    server.close(resolve)
    server.closeIdleConnections()
  })
  clearTimeout(cut)
  await health.stop()
  log.info('stopped')
}
