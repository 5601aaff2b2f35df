export type { Entry, House, Wiring } from './entry.ts'
