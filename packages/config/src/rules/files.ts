import type { Wiring } from '@homeslice/catalog'
import type { Service } from '../home.ts'
import { secretPattern, secretsOf } from '../secrets.ts'
import { anywhere, wiringOf } from '../wiring.ts'
import { eachService, type Rule, when } from './rule.ts'

const system = /^\/(proc|sys|dev)(\/|$)/u

/** A path and every folder that it lies in: `/a/b` and `/a`. */
const foldersOf = (path: string): string[] =>
  path.split('/').flatMap((_, index, words) => (index === 0 ? [] : [words.slice(0, index + 1).join('/')]))

const mounts = ({ files, data, host, run }: Service, wired: Wiring): { key: string; path: string }[] => [
  ...Object.keys({ ...wired.files, ...files }).map((path) => ({ key: 'files', path })),
  ...Object.keys(data).map((path) => ({ key: 'data', path })),
  ...Object.keys(host?.folders ?? {}).map((path) => ({ key: 'host', path })),
  ...run.writable.map((path) => ({ key: 'run', path })),
]

/** Paths in the container are whole, apart from each other, and outside what the kernel owns. */
export const mountsAreApart: Rule = eachService((service, at, { environment }) => {
  const taken = new Map<string, string>()
  const above = new Map<string, string>()
  return mounts(service, wiringOf(service, anywhere(environment))).flatMap(({ key, path }) => {
    const place = key === 'files' || key === 'data' ? at(key, path) : at(key)
    const folders = foldersOf(path)
    const clash = above.get(path) ?? folders.map((folder) => taken.get(folder)).find((found) => found !== undefined)
    taken.set(path, path)
    for (const folder of folders) if (!above.has(folder)) above.set(folder, path)
    return [
      ...when(system.test(path) || path.includes('/../') || path.endsWith('/..'), () => ({
        path: place,
        message: `nothing can be mounted at ${path}`,
        fix: 'choose a path outside /proc, /sys and /dev, without ".."',
      })),
      ...when(clash !== undefined, () => ({
        path: place,
        message: `${path} and ${clash} lie within each other`,
        fix: 'keep mounted paths apart',
      })),
    ]
  })
})

/** What a ConfigMap holds at most, in bytes, less some room for its own keys. */
const filesLimit = 1_000_000

/** All texts of a service lie in one ConfigMap. */
export const filesFit: Rule = eachService(({ files }, at) => {
  const bytes = Object.values(files).reduce((sum, file) => sum + ('text' in file ? Buffer.byteLength(file.text) : 0), 0)
  return when(bytes > filesLimit, () => ({
    path: at('files'),
    message: `the files of a service hold at most ${filesLimit / 1000} KB together, and these ${Math.ceil(bytes / 1000)} KB`,
    fix: 'put what is large on a volume, or into an image',
  }))
})

/** Environment variables have names that a shell can read. */
export const envNamesFit: Rule = eachService((service, at) =>
  Object.keys(service.env).flatMap((key) =>
    when(!/^[A-Za-z_][A-Za-z0-9_]*$/u.test(key), () => ({
      path: at('env', key),
      message: `"${key}" is no name for an environment variable`,
      fix: 'use letters, digits and "_"',
    })),
  ),
)

/** Kubernetes keeps a login that images are pulled with in another kind of Secret than what programs read. */
export const pullSecretIsApart: Rule = ({ home, environment }) =>
  secretsOf(environment)
    .filter(({ secret }) => secret === home.cluster.pullSecret)
    .map(({ secret, path }) => ({
      path,
      message: `"${secret}" is the login that images are pulled with (cluster.pullSecret)`,
      fix: 'set the same text as a secret of another name',
    }))

/** Secrets have names that fit a Kubernetes Secret. */
export const secretNamesFit: Rule = eachService((service, at) =>
  (['env', 'files'] as const).flatMap((group) =>
    Object.entries(service[group]).flatMap(([key, value]) => {
      if (!('secret' in value) || secretPattern.test(value.secret)) return []
      const message = `"${value.secret}" is no name for a secret`
      return [{ path: at(group, key), message, fix: 'use up to 50 lower-case letters, digits and "-"' }]
    }),
  ),
)
