export { devicePorts, type Ports, simulatedDevices } from './devices.ts'
export { holds } from './cidr.ts'
export { type Edge, edgesOf } from './edges.ts'
export {
  labelsOf,
  namespaceOf,
  type Owner,
  redirectsName,
  secretIn,
  type SecretVersion,
  setOf,
  simulatedBy,
  simulatorOf,
} from './names.ts'
export { identityOf, inOrder, type KubeObject } from './object.ts'
export { homeOnlyName, notedOpenings, type Opening, openingsNote, openingsOf } from './opening.ts'
export { leadsOutside } from './redirect.ts'
export { type Part, render, type Rendered, versionOf } from './render.ts'
export type { ClosedRoute } from './route.ts'
export { type Images, secretKey, type SecretVersions, type Workload } from './workload.ts'
export { keeper, keeperName } from './keeper/keeper.ts'
export { filledByKey, keeperManager, seenName } from './keeper/seen.ts'
export { toYaml } from './yaml.ts'
