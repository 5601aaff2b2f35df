import type { KubeObject } from '@homeslice/render'
import { fieldManager, writerKey } from '@homeslice/plan'
import { groupOf, kinds } from './kinds.ts'

/** The label of the leases that the policy looks at. */
export const leaseLabel = 'homeslice.dev/lease'

/** The name of the policy and of its binding. */
export const policyName = 'homeslice-writer'

/** What a dry run is called that asks whether a writer is refused. */
export const probeName = 'homeslice-probe'

const writer = `has(object.metadata.annotations) && '${writerKey}' in object.metadata.annotations`

/**
 * Lets only the writer that holds the lease write under our name. Every write of ours says who writes, as
 * `LEASE/TOKEN`; each holder has a higher token than the one before, so that one who was paused past its lease is
 * refused by the server. A dry run, such as that of a plan, writes nothing and may pass, but for the one that asks whether
 * late writers are refused by now.
 */
const policy: KubeObject = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: policyName, labels: { 'app.kubernetes.io/part-of': 'homeslice' } },
  spec: {
    failurePolicy: 'Fail',
    paramKind: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
    matchConstraints: {
      objectSelector: { matchLabels: { 'app.kubernetes.io/managed-by': 'homeslice' } },
      resourceRules: kinds.map((kind) => ({
        apiGroups: [groupOf(kind)],
        apiVersions: ['*'],
        operations: ['CREATE', 'UPDATE'],
        resources: [kind.plural],
        scope: '*',
      })),
    },
    matchConditions: [
      {
        name: 'ours',
        expression: `has(request.options.fieldManager) && request.options.fieldManager == '${fieldManager}'`,
      },
      { name: 'real', expression: `!has(request.dryRun) || !request.dryRun || request.name == '${probeName}'` },
    ],
    variables: [
      { name: 'writer', expression: `${writer} ? object.metadata.annotations['${writerKey}'] : ''` },
      { name: 'holder', expression: "params.metadata.name + '/' + string(params.spec.leaseTransitions)" },
    ],
    validations: [
      { expression: "variables.writer != ''", message: 'an older Homeslice wrote this: update it' },
      {
        expression: "!variables.writer.startsWith(params.metadata.name + '/') || variables.writer == variables.holder",
        messageExpression: "variables.writer + ' was written late: ' + variables.holder + ' is the writer now'",
      },
    ],
  },
}

/** Where the policy holds: everywhere, against every lease of ours; a writer with a lease that is not there yet may pass. */
const binding: KubeObject = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name: policyName, labels: { 'app.kubernetes.io/part-of': 'homeslice' } },
  spec: {
    policyName,
    validationActions: ['Deny'],
    paramRef: {
      namespace: 'homeslice-system',
      selector: { matchLabels: { [leaseLabel]: 'writer' } },
      parameterNotFoundAction: 'Allow',
    },
  },
}

/** What keeps late writers out; the same for every home on a cluster. */
export const fence: readonly KubeObject[] = [policy, binding]
