export { type Applied, applyPlan, type Settling, type Work } from './apply.ts'
export { type Estate, isIn, systemNamespace } from './applyset.ts'
export { connectInside, type Inside } from './inside.ts'
export { connect, type Connection, type Which } from './connection.ts'
export type { Hands, SecretData } from './effects.ts'
export { failure, type Failure, type Report } from './failure.ts'
export { whoIsHere } from './holder.ts'
export { type LogOptions, readLogs, runningPods } from './logs.ts'
export { membersOf, observe, type Observed, type Observing } from './observe.ts'
export {
  createRecords,
  listRecords,
  noteRecords,
  readRecord,
  type RecordContent,
  recordObject,
  removeRecords,
  type Subject,
  subjectOf,
} from './records.ts'
export { fillObject, getObject } from './objects.ts'
export { lookedAt, present } from './present.ts'
export { accountName, grantsFor } from './grants.ts'
export type { GatewayName, Lack } from './gateway-there.ts'
export { gatewayUrl } from './gateway-url.ts'
export { readChart } from './k3s-chart.ts'
export { within } from './places.ts'
export { survey, type Surveyed, type Surveying } from './survey.ts'
export { look, type Readiness } from './ready.ts'
export { type ServiceStatus, statusOf } from './status.ts'
export { destroyEnvironment, planDestroy } from './destroy.ts'
export { followLogs, type FollowOptions } from './follow.ts'
export type { Turn, Writer } from './mark.ts'
export { asWriter, turnNow, type Writing } from './writer.ts'
