import { newestFirst, ofService } from './keep.ts'
import type { Release } from './release.ts'

/** The version that a service has now: its newest one, unless that one gave way to the one before. */
export const runningOf = (history: readonly Release[], service: string): Release | undefined =>
  newestFirst(ofService(history, service)).find(({ wentBack }) => !wentBack)
