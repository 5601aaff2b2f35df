import type { Home } from '../home.ts'
import type { Finding } from '../problem.ts'
import type { WrittenHome } from '../schema.ts'
import { budgetsHold } from './budget.ts'
import { callsAreNeeded, devicesExist, envServicesAreNeeded, needsExist } from './edges.ts'
import { jobsFit, settingsFitTheHouse, simulateMeansSomething } from './entry.ts'
import { envNamesFit, filesFit, mountsAreApart, pullSecretIsApart, secretNamesFit } from './files.ts'
import { namesAreFree, namespacesFit, overlaysFit, timezoneIsKnown } from './names.ts'
import { addressesAreUnique, devicesAreReachable, egressIsAddresses, lanIsNetworks } from './network.ts'
import {
  hostsAreOfTheDomain,
  openRoutesSayWhy,
  pathsAreClean,
  redirectsGoSomewhere,
  routesAreUnique,
} from './routes.ts'
import type { Rule } from './rule.ts'
import {
  dataHasOneWriter,
  imagesAreNamed,
  loweringSaysWhy,
  portsAreThere,
  requestsFitLimits,
  rootIsAllowed,
  schedulesAreRunOnce,
  useOrImage,
} from './workload.ts'

const rules: readonly Rule[] = [
  namespacesFit,
  namesAreFree,
  timezoneIsKnown,
  overlaysFit,
  useOrImage,
  imagesAreNamed,
  needsExist,
  devicesExist,
  envServicesAreNeeded,
  callsAreNeeded,
  settingsFitTheHouse,
  jobsFit,
  simulateMeansSomething,
  requestsFitLimits,
  schedulesAreRunOnce,
  portsAreThere,
  dataHasOneWriter,
  loweringSaysWhy,
  rootIsAllowed,
  openRoutesSayWhy,
  routesAreUnique,
  hostsAreOfTheDomain,
  pathsAreClean,
  redirectsGoSomewhere,
  egressIsAddresses,
  lanIsNetworks,
  devicesAreReachable,
  addressesAreUnique,
  mountsAreApart,
  filesFit,
  envNamesFit,
  secretNamesFit,
  pullSecretIsApart,
  budgetsHold,
]

/** Everything the rules find, in every environment of a home. */
export const checkRules = (written: WrittenHome, home: Home): Finding[] =>
  Object.values(home.environments).flatMap((environment) =>
    rules.flatMap((rule) => rule({ written, home, environment })),
  )
