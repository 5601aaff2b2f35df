export { serveControl } from './control.ts'
export { type Fault, faults, type Place, type Simulator } from './fault.ts'
export { startKasa } from './kasa.ts'
export { startWemo } from './wemo.ts'
