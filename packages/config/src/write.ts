/** What a new home is asked for. */
export type NewHome = { readonly name: string; readonly timezone: string; readonly domain: string }

const quoted = (text: string): string =>
  /^[A-Za-z][\w./-]*$/u.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/iu.test(text)
    ? text
    : JSON.stringify(text)

/** A small home file that works as it is: a clock and a few buttons, with comments that say what to change. */
export const homeText = ({
  name,
  timezone,
  domain,
}: NewHome): string => `# Your home. \`homeslice check\` tells what is wrong with it, \`homeslice up\` brings it up.
version: 1

home:
  name: ${quoted(name)}
  timezone: ${quoted(timezone)}
  domain: ${quoted(domain)}

# Without \`cluster\` it runs in a sandbox on this machine. On a cluster of yours:
# cluster:
#   context: a-context-of-your-kubeconfig
#   lan: [192.0.2.0/24]

# Your devices by name. \`simulate: true\` lets a program stand in for one.
devices:
  lamp: { kind: kasa, address: 192.0.2.20, simulate: true }

# A service reaches what it \`needs\` and its \`devices\`, and nothing else.
services:
  clocktime: { use: clocktime }
  buttons: { use: buttons, needs: [clocktime] }
  switches: { use: switches, devices: [lamp] }
`
