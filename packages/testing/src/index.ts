export { type Ended, homeslice, root, run, type Running, start } from './command.ts'
export { temporaryFolder, temporaryHome } from './folder.ts'
