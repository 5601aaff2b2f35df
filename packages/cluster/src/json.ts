export { at, type Group, groupsAt, numberAt, textAt } from '@homeslice/plan'
