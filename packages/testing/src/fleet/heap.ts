const mebibyte = 1024 * 1024

type Usage = { readonly usedSize: number; readonly backingStorageSize: number }

/** What a program that was started with `--inspect` at a port holds once its garbage is collected, in MiB. */
export const heldBy = async (inspector: number): Promise<number> => {
  const listed = await fetch(`http://127.0.0.1:${inspector}/json/list`)
  const [target] = (await listed.json()) as { readonly webSocketDebuggerUrl: string }[]
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '')
  const answers = new Map<number, (result: unknown) => void>()
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { readonly id: number; readonly result: unknown }
    answers.get(id)?.(result)
  })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  const ask = (id: number, method: string): Promise<unknown> =>
    new Promise((resolve) => {
      answers.set(id, resolve)
      socket.send(JSON.stringify({ id, method }))
    })
  // Twice: what the first frees may let go of more.
  for (const id of [1, 2]) await ask(id, 'HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize } = (await ask(3, 'Runtime.getHeapUsage')) as Usage
  socket.close()
  return (usedSize + backingStorageSize) / mebibyte
}
