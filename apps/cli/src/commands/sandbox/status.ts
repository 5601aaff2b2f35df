import { status as sandboxStatus } from '@homeslice/sandbox'
import type { Context } from '../../context.ts'
import { failed, type Outcome } from '../../outcome.ts'
import { table } from '../../table.ts'
import type { SandboxFlags } from './start.ts'

/** `homeslice sandbox status`: version, addresses, and the memory of each part (PSS: shared pages counted once). */
export const status = async (_context: Context, { name }: SandboxFlags): Promise<Outcome> => {
  const found = await sandboxStatus({ name })
  if (!found.ok) return failed(1, found, { name, running: false })
  const { running, version, kubeconfig, ports, parts, memoryMiB, outside, logs } = found.status
  if (!running)
    return {
      exit: 0,
      document: found.status,
      text: `the sandbox ${name} does not run; start it: homeslice sandbox start`,
    }
  const rows = parts.map((part) => [
    `  ${part.name}`,
    `${Math.round(part.memoryMiB)} MiB`,
    part.down === undefined ? (part.restarts ? `${part.restarts} restarts` : '') : `down: ${part.down}`,
  ])
  return {
    exit: 0,
    document: found.status,
    text: [
      `the sandbox ${name} runs Kubernetes ${version}`,
      ...(ports ? [`  gateway     http://127.0.0.1:${ports.http}/  https://127.0.0.1:${ports.https}/`] : []),
      `  kubeconfig  ${kubeconfig}`,
      `  logs        ${logs}`,
      `  outside     ${outside.reachable ? 'pods reach the LAN and the internet as far as policy allows' : `out of reach: ${outside.reason}`}`,
      `  memory      ${Math.round(memoryMiB)} MiB in all`,
      table(rows),
    ].join('\n'),
  }
}
