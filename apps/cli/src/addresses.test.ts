import { describe, expect, it } from 'vitest'
import type { Service } from '@homeslice/config'
import { type Gateway, urlOf } from './addresses.ts'

type Routes = Service['routes']
const serviceWith = (routes: Routes): Service => ({ routes }) as Service
const home = { paths: ['/lights/'], who: 'home', plain: false } as const
const domain = { domain: 'casa.test' }
const named = { ...home, host: 'lights.casa.test' }

describe('the URL of a service', () => {
  it.each<[string, Routes, Gateway, string | undefined]>([
    ['is that of the gateway on this machine', [home], { http: 8080 }, 'http://127.0.0.1:8080/lights/'],
    ['is that of the gateway of a cluster', [home], { url: 'https://192.0.2.10' }, 'https://192.0.2.10/lights/'],
    ['is the domain where no address is known', [home], undefined, 'http://casa.test/lights/'],
    ['keeps its name', [named], { url: 'https://192.0.2.10' }, 'https://lights.casa.test/lights/'],
    ['keeps its name, on the port of this machine', [named], { http: 8080 }, 'http://lights.casa.test:8080/lights/'],
    ['keeps its name on the usual port', [named], { http: 80 }, 'http://lights.casa.test/lights/'],
    ['keeps its name where no address is known', [named], undefined, 'http://lights.casa.test/lights/'],
    [
      'is that of its first open route',
      [{ ...home, who: 'person' }, named],
      undefined,
      'http://lights.casa.test/lights/',
    ],
    ['is none where no route is open', [{ ...home, who: 'key' }], { http: 80 }, undefined],
  ])('%s', (_, routes, gateway, url) => {
    expect(urlOf(serviceWith(routes), gateway, domain)).toBe(url)
  })
})
