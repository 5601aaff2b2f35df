import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export { Counter, Gauge } from 'prom-client'

/** What every service measures of itself. */
export type Metrics = {
  readonly registry: Registry
  readonly requests: Histogram<'method' | 'status'>
}

/** A registry of its own per service, so that tests may have several. */
export const createMetrics = (service: string): Metrics => {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'homeslice_http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer.',
    labelNames: ['method', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  })
  return { registry, requests }
}

/** A counter in a service's registry. */
export const counter = <Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: Label[],
): Counter<Label> => new Counter({ name, help, labelNames, registers: [registry] })

/** A gauge in a service's registry. */
export const gauge = <Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: Label[],
): Gauge<Label> => new Gauge({ name, help, labelNames, registers: [registry] })
