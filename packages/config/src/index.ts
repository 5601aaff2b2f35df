export type * from './home.ts'
export { parseHome, type ReadHome } from './parse.ts'
export { type Place, placeIn } from './place.ts'
export type { Locate, Path, Problem } from './problem.ts'
export { bytesOf, millicoresOf, sizeOf } from './quantity.ts'
export { readHome } from './read.ts'
export { mostPods } from './rules/budget.ts'
export { homeText, type NewHome } from './write.ts'
export { writtenHome, type WrittenHome } from './schema.ts'
export { secretsOf, type UsedSecret } from './secrets.ts'
export {
  cloudSimulatedBy,
  cloudSimulatorOf,
  simulatedBy,
  type Simulator,
  simulatorLimits,
  simulatorOf,
  simulatorsIn,
} from './simulators.ts'
export { type Around, wiringOf } from './wiring.ts'
