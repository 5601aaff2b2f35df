import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { type Ended, homeslice, root, run } from '../command.ts'
import { goProgram } from '../go-program.ts'
import type { House } from '../house.ts'
import { sleepingHome } from './homes.ts'
import { type Row, timed } from './rows.ts'

const objectsWanted = 300
const rounds = Number(process.env.BENCH_ROUNDS ?? 7)

/** One way to bring the same objects to a cluster. */
type Tool = { readonly name: string; readonly home: string; readonly apply: () => Promise<Ended> }

type Manifest = { readonly kind: string }

/** A cluster that is reached as a user's own is: by a kubeconfig alone. */
type Place = { readonly house: House; readonly kubeconfig: string; readonly context: string }

/** Creates the same objects, and then finds nothing to change, in turn with others' tools: so the machine is as noisy for each. */
export const applying = async (place: Place): Promise<Row[]> => {
  const count = await servicesFor(place)
  const tools = await toolsOf(place, count)
  const created = new Map<string, number[]>(tools.map(({ name }) => [name, []]))
  const unchanged = new Map<string, number[]>(tools.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, home, apply } of tools) {
      created.get(name)?.push(await timed(apply))
      unchanged.get(name)?.push(await timed(apply))
      await remove(place, home)
    }
  }
  const create = (name: string): string => `${name}: ${objectsWanted} objects created`
  const same = (name: string): string => `${name}: ${objectsWanted} objects, nothing to change`
  return tools.flatMap(({ name }): Row[] => [
    {
      what: create(name),
      seconds: created.get(name) ?? [],
      ...(name === 'homeslice up' ? { bar: { times: 1.2, of: create('kubectl apply --server-side') } } : {}),
    },
    {
      what: same(name),
      seconds: unchanged.get(name) ?? [],
      ...(name === 'homeslice up' ? { bar: { times: 1, of: same('kapp deploy') } } : {}),
    },
  ])
}

const write = async ({ house, context }: Place, home: string, count: number): Promise<string> => {
  const path = join(house.folder, `${home}.yaml`)
  await writeFile(path, sleepingHome(home, context, count))
  return path
}

const rendered = async (path: string): Promise<Manifest[]> => {
  const { code, stdout, stderr } = await homeslice(['render', path])
  if (code !== 0) throw new Error(stderr)
  return loadAll(stdout) as Manifest[]
}

/** How many services make about as many objects as are wanted. */
const servicesFor = async (place: Place): Promise<number> => {
  const ten = await rendered(await write(place, 'ten', 10))
  return Math.round((objectsWanted * 10) / ten.length)
}

const toolsOf = async (place: Place, count: number): Promise<Tool[]> => {
  const { house, kubeconfig } = place
  const env = { KUBECONFIG: kubeconfig }
  const kapp = await goProgram(join(root, 'packages/testing/peers/kapp'), 'carvel.dev/kapp/cmd/kapp')
  const ours = await write(place, 'ours', count)
  const manifests = async (home: string): Promise<string> => {
    const objects = await rendered(await write(place, home, count))
    // Our own order is by service; others need what the rest stands on first.
    const first = objects.toSorted((a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace'))
    const path = join(house.folder, `${home}.objects.yaml`)
    await writeFile(path, first.map((object) => JSON.stringify(object)).join('\n---\n'))
    return path
  }
  const theirs = await manifests('theirs')
  const kapps = await manifests('kapps')
  return [
    { name: 'homeslice up', home: 'ours', apply: () => homeslice(['up', '--file', ours], { env }) },
    {
      name: 'kubectl apply --server-side',
      home: 'theirs',
      apply: () => run(house.kubectlPath, ['apply', '--server-side', '-f', theirs], { env }),
    },
    {
      name: 'kapp deploy',
      home: 'kapps',
      apply: () => run(kapp, ['deploy', '-a', 'kapps', '-y', '-f', kapps], { env }),
    },
  ]
}

const remove = async ({ house }: Place, home: string): Promise<void> => {
  await house.kubectl('delete', 'namespaces', '-l', `homeslice.dev/home=${home}`, '--wait')
  await house.kubectl('delete', 'configmaps', '-n', 'homeslice-system', '--all', '--ignore-not-found')
  await house.kubectl('delete', 'configmaps', '-n', 'default', '-l', 'kapp.k14s.io/is-app')
}
