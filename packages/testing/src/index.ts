export { type Ended, homeslice, root, run, type Running, start } from './command.ts'
export { temporaryFolder, temporaryHome } from './folder.ts'
export { bundled, freePort, type Program, startProgram, startWrongly } from './program.ts'
export { type House, houseText, startHouse } from './house.ts'
