/** Asks the clocktime service; nothing if it does not tell within a second. */
export type Clock = () => Promise<string | undefined>

const limitMilliseconds = 1000

/** A clock behind a URL. Redirects are followed, as the original did. */
export const createClock = (url: string): Clock => {
  return async () => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(limitMilliseconds) })
      const body = await response.text()
      return response.status === 200 ? body.trim() : undefined
    } catch {
      return undefined
    }
  }
}
