import type { Target } from './check.ts'

/**
 * Tells simulated devices what to do, over their control ports. `at` is where one listens, with `{device}` for its name:
 * in a cluster, what `kubectl proxy` makes of `…/namespaces/casa-prod-device-{device}/services/device-{device}:8000/proxy`.
 */
export const controlled = (at: string): Pick<Target, 'device' | 'stateOf'> => {
  const call = async (device: string, path: string, told?: object): Promise<unknown> => {
    const url = `${at.replaceAll('{device}', device)}${path}`
    const answer = await fetch(url, told === undefined ? {} : { method: 'PUT', body: JSON.stringify(told) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}: ${text}`)
    return told === undefined ? JSON.parse(text) : undefined
  }
  return {
    device: async ({ device, fault, on }) => {
      if (fault !== undefined) await call(device, '/fault', { kind: fault })
      if (on !== undefined) await call(device, '/state', { on })
    },
    stateOf: async (device) => ((await call(device, '/state')) as { readonly on?: unknown }).on === true,
  }
}
