export type * from './home.ts'
