import assert from 'node:assert/strict'
import { expect, it } from 'vitest'
import { parseHome } from './parse.ts'
import { placeIn } from './place.ts'

const text = `version: 1
home: { name: casa, timezone: UTC, domain: casa.test }
cluster: { context: k3s, lan: [192.0.2.0/24] }
environments:
  prod: {}
  staging:
    services:
      web: { replicas: 2 }
      off: false
services:
  off: { use: clocktime, routes: [] }
  web:
    image: a:1
    port: 80
    routes:
      - { who: home, paths: [/a] }
redirects:
  - path: /old
    to: http://b.casa.test/
`
const read = parseHome(text)
assert(read.ok, JSON.stringify(read))
const { locate } = read

it.each([
  ['a service', 'prod', ['services', 'web'], [12, 3]],
  ['its key', 'prod', ['services', 'web', 'routes'], [15, 5]],
  ['below its key', 'prod', ['services', 'web', 'routes', 0], [16, 9]],
  ['a key that it has not', 'prod', ['services', 'web', 'data', '/data'], [12, 3]],
  ['a key of an environment', 'staging', ['services', 'web', 'replicas'], [8, 14]],
  ['a key of all, beside one of the environment', 'staging', ['services', 'web', 'routes'], [15, 5]],
  ['a service that an environment leaves out', 'staging', ['services', 'off'], [9, 7]],
  ['a service that left', 'prod', ['services', 'gone', 'routes'], undefined],
  ['the network of the home', 'prod', ['cluster', 'lan'], [3, 26]],
  ['a redirect', 'prod', ['redirects', 0], [18, 5]],
  ['a redirect that left', 'prod', ['redirects', 3], undefined],
])('%s', (_, env, path, expected) => {
  const place = placeIn(locate, env, path)
  expect(place && [place.line, place.column]).toEqual(expected)
})
