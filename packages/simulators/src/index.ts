export { serveControl } from './control.ts'
export { type Fault, faults, type Place, type Simulator } from './fault.ts'
export { type KasaOptions, type KasaSimulator, type Klap, startKasa } from './kasa.ts'
export { startWemo } from './wemo.ts'
