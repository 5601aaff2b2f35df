import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtNames } from '../built.ts'
import { run, lastLines } from '../command.ts'
import { inside, type Folders, type Places } from '../folders.ts'
import { networkAt, type Network } from '../network.ts'
import { failure, type Outcome } from '../outcome.ts'
import type { Settings } from '../settings.ts'
import { writeWhole } from '../settings.ts'
import type { Machine } from '../machine.ts'
import { partImages } from '../systemimages.ts'
import { certificateOrder, clients } from './certificates.ts'
import { cniConfig } from './cni.ts'
import { containerdConfig } from './containerd.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { kubeletConfig } from './kubelet.ts'
import { planOf } from './plan.ts'
import { programPath } from './programs.ts'
import { proxyConfig } from './proxy.ts'

/** Name of the node in the cluster. */
const nodeName = (name: string): string => `homeslice-${name}`

/** Writes everything the programs read, and makes the certificates that are missing. Certificates that are there stay. */
export const writeConfig = async (
  folders: Folders,
  places: Places,
  settings: Settings,
  machine: Machine,
): Promise<Outcome> => {
  const network = networkAt(settings.octet)
  const node = nodeName(settings.name)
  const built = builtNames()
  mkdirSync(places.logs, { recursive: true, mode: 0o700 })
  const made = await makeCertificates(folders, places, node, network)
  if (!made.ok) return made
  const write = (file: string, text: string) => writeWhole(join(places.config, file), text)
  const json = (file: string, value: object) => write(file, `${JSON.stringify(value, null, 2)}\n`)
  json('plan.json', planOf({ folders, places, settings, machine, built, node, network }))
  json('kubelet.json', kubeletConfig(places.group, network))
  json('proxy.json', proxyConfig(node, network))
  json('cni/10-homeslice.conflist', cniConfig(node))
  const cniFolders = [`${inside.bin}/${built.cni}`, `${inside.bin}/${built.calico}`]
  const runc = programPath(built, 'runc', 'runc')
  write('containerd.toml', containerdConfig({ runc, pause: partImages().pause, cniFolders, overlay: machine.overlay }))
  write('resolv.conf', `nameserver ${network.resolver}\n`)
  writeKubeconfigs(places, settings, node, network)
  return { ok: true }
}

const makeCertificates = async (folders: Folders, places: Places, node: string, network: Network): Promise<Outcome> => {
  const order = join(places.config, 'certificates.json')
  writeWhole(order, JSON.stringify(certificateOrder(places.certificates, node, network)))
  const made = await run([join(folders.cache, 'bin', builtNames().node, 'homeslice-node'), 'pki', order])
  if (made.code === 0) return { ok: true }
  return failure(
    `the sandbox's certificates: ${lastLines(made.stderr)}`,
    `look at ${places.certificates}; a damaged file there comes back from a backup, or the sandbox is made anew`,
  )
}

const writeKubeconfigs = (places: Places, settings: Settings, node: string, network: Network): void => {
  const pem = (file: string) => readFileSync(join(places.certificates, file), 'utf8')
  const text = (client: string, name: string, server: string) =>
    kubeconfigText({
      name,
      server,
      authority: pem('ca.crt'),
      certificate: pem(`${client}.crt`),
      key: pem(`${client}.key`),
    })
  for (const { file } of clients(node)) {
    writeWhole(join(places.config, `${file}.kubeconfig`), text(file, file, `https://${network.node}:6443`))
  }
  const here = `https://127.0.0.1:${settings.ports.api}`
  writeWhole(places.kubeconfig, text('admin', `homeslice-${settings.name}`, here))
}
