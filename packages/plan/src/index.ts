export {
  type Action,
  type Change,
  type Danger,
  type Grade,
  grades,
  inWords,
  nameOf,
  type ObjectName,
  serviceOf,
  type Stopped,
} from './change.ts'
export { differences } from './compare.ts'
export { additionsOf, withoutAdditions } from './additions.ts'
export { type Drift, driftOf, hasOurValues, withoutObvious } from './drift.ts'
export { overlaid, takenOver } from './take-over.ts'
export { defaultStartSeconds } from './grade/downtime.ts'
export { at, type Group, groupsAt, isGroup, numberAt, textAt } from './group.ts'
export { type Asked, askedOf, type NodeRoom, type NoRoom, roomOnNodes } from './nodes.ts'
export { fieldManager, managersOf, ownsMoreThan, writerKey } from './owned.ts'
export { quantity } from './quantity.ts'
export { roomForBoth } from './room.ts'
export { takenNamespace, unknownNamespaces } from './taken.ts'
export { makePlan, type Plan, type PlanInput, type Step, suspectsOf, type Verdict } from './plan.ts'
