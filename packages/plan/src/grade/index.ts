import { type Danger, rankOf } from '../change.ts'
import type { Grader, Situation, Turn } from '../situation.ts'
import { cost } from './cost.ts'
import { dataLoss } from './data-loss.ts'
import { downtime } from './downtime.ts'
import { exposure } from './exposure.ts'
import { permission } from './permission.ts'
import { reachability } from './reachability.ts'

const graders: readonly Grader[] = [dataLoss, exposure, downtime, permission, reachability, cost]

/** Everything that makes a change more than routine, the worst first; nothing for one that is routine. */
export const dangersOf = (turn: Turn, situation: Situation): Danger[] =>
  graders.flatMap((grader) => grader(turn, situation)).toSorted((one, other) => rankOf(one.grade) - rankOf(other.grade))
