import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nextFreePort, portIsFree } from './ports.ts'

let server: Server
let taken: number

beforeAll(async () => {
  server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  taken = (server.address() as AddressInfo).port
})

afterAll(() => {
  server.close()
})

test('a port that somebody listens on is not free', async () => {
  expect(await portIsFree(taken)).toBe(false)
})

test('the next free port is another one', async () => {
  const found = await nextFreePort(taken)
  expect(found).toBeGreaterThan(taken)
})

const free = async () => true

test.each([
  { name: 'the wanted one when it is free', wanted: 8080, options: { isFree: free }, port: 8080 },
  { name: 'none that is kept for others', wanted: 8080, options: { isFree: free, taken: [8080, 8081] }, port: 8082 },
  { name: 'none when all are taken', wanted: 8080, options: { isFree: async () => false, tries: 5 }, port: undefined },
  { name: 'none beyond the last', wanted: 65_535, options: { isFree: async () => false }, port: undefined },
])('$name', async ({ wanted, options, port }) => {
  expect(await nextFreePort(wanted, options)).toBe(port)
})
