export {
  type Action,
  type Change,
  type Grade,
  inWords,
  nameOf,
  type ObjectName,
  serviceOf,
  type Stopped,
} from './change.ts'
export { differences } from './compare.ts'
export { isGroup } from './group.ts'
export { fieldManager, ownsMoreThan, writerKey } from './owned.ts'
export { roomForBoth } from './room.ts'
export { makePlan, type Plan, type PlanInput, type Step, suspectsOf, type Verdict } from './plan.ts'
