import { dump } from 'js-yaml'

/** What a kubeconfig says. Certificates and key are PEM texts. */
export type KubeconfigParts = {
  /** Name of the context, cluster and user. */
  readonly name: string
  readonly server: string
  readonly authority: string
  readonly certificate: string
  readonly key: string
}

/** A kubeconfig with one context and everything in it, so the file can be copied. */
export const kubeconfigText = ({ name, server, authority, certificate, key }: KubeconfigParts): string =>
  dump({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [{ name, user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  })

const base64 = (text: string): string => Buffer.from(text).toString('base64')
