import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { run, temporaryFolder } from '@homeslice/testing'
import { connectInside } from './inside.ts'

/** An API server behind a certificate of its own authority, that tells who asked; and what a pod has to call it. */
const cluster = async () => {
  const folder = await temporaryFolder()
  const path = (name: string): string => join(folder, name)
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const keys = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path('key')]
  const made = await run('openssl', ['req', '-x509', ...keys, '-out', path('ca.crt'), '-days', '1', ...subject])
  expect(made.code).toBe(0)
  writeFileSync(path('token'), 'first\n')
  const callers: string[] = []
  const server = createServer(
    { key: readFileSync(path('key')), cert: readFileSync(path('ca.crt')) },
    (asked, answer) => {
      callers.push(asked.headers.authorization ?? '')
      answer.writeHead(200, { 'Content-Type': 'application/json' }).end('{"gitVersion":"v1.36.3"}')
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) }
  return { folder, env, callers, path }
}

describe('a connection from a pod', () => {
  it('is made by its token, the new one as soon as it is there', async () => {
    const { folder, env, callers, path } = await cluster()
    const connected = await connectInside({ env, folder })
    if (!connected.ok) throw new Error(connected.message)
    expect(connected.connection).toMatchObject({
      server: `https://127.0.0.1:${env.KUBERNETES_SERVICE_PORT}`,
      version: 'v1.36.3',
    })
    writeFileSync(path('token'), 'second')
    await connected.connection.call({ method: 'GET', path: '/version' })
    expect(callers).toEqual(['Bearer first', 'Bearer second'])
  })

  it('is none with a server that the authority of the cluster did not vouch for', async () => {
    const [{ env }, other] = [await cluster(), await cluster()]
    expect(await connectInside({ env, folder: other.folder })).toMatchObject({
      ok: false,
      kind: 'unreachable',
      message: expect.stringContaining('certificate') as string,
    })
  })

  it.each([
    [{}, 'this is no pod of a cluster'],
    [{ KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1' }, 'no credentials for https://127.0.0.1:1'],
    [{ KUBERNETES_SERVICE_HOST: '::1' }, 'no credentials for https://[::1]:443'],
  ])('%j: %s', async (env, message) => {
    const folder = await temporaryFolder()
    expect(await connectInside({ env, folder })).toMatchObject({
      ok: false,
      message: expect.stringContaining(message) as string,
    })
  })
})
