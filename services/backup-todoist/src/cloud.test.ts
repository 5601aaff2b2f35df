import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fc } from '@fast-check/vitest'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startTodoist, type TodoistSimulator } from '@homeslice/simulators'
import { ask, type Cloud } from './cloud.ts'
import { readAccount } from './read.ts'

const host = '127.0.9.43'
let simulator: TodoistSimulator
beforeAll(async () => {
  simulator = await startTodoist({ name: 'cloud', host })
})
afterAll(() => simulator.stop())

const to = (baseUrl: string, more: Partial<Cloud> = {}): Cloud => ({
  baseUrl,
  token: 'a-token',
  signal: new AbortController().signal,
  pauses: [],
  ...more,
})
const cloud = (more: Partial<Cloud> = {}) => to(`http://${host}:8080`, more)
const refusal = (says: string | RegExp) => ({
  ok: false,
  message: typeof says === 'string' ? says : (expect.stringMatching(says) as string),
})

/** A cloud that answers as a test wants. */
const served = (answer: RequestListener): Promise<string> =>
  new Promise((resolve) => {
    const server = createServer(answer).listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    })
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
  })

describe('the cloud', () => {
  it.each([
    ['gone', /^Todoist answered 410: this way of asking is closed for good/u],
    ['unauthorised', /^Todoist answered 401: it does not take the token; make a new one/u],
    ['limited', /^Todoist answered 429: it has been asked too often/u],
    ['error', /^Todoist answered 500: it is in trouble; try again later/u],
    ['garbage', /^Todoist answered 200 with what is no JSON; perhaps a proxy/u],
    ['huge', /^Todoist answered more than 16 MiB to projects/u],
    ['silent', /^Todoist did not answer within 1 s/u],
    ['dribble', /^Todoist did not answer within 1 s/u],
    ['vanish', /^Todoist cannot be reached at http:.*: (other side closed|UND_ERR_SOCKET|terminated)/u],
    ['refuse', /^Todoist cannot be reached at http:.*: ECONNREFUSED$/u],
  ] as const)('that has the fault %s is told by its real status or behaviour', async (fault, says) => {
    await simulator.setFault(fault)
    const answer = await readAccount(cloud(fault === 'silent' || fault === 'dribble' ? { within: 1000 } : {}))
    await simulator.setFault('none')
    expect(answer).toEqual(refusal(says))
  })

  it.each([
    [302, /^Todoist answered 302: that is not as it was agreed/u],
    [403, /^Todoist answered 403: this token may not do that/u],
    [404, /^Todoist answered 404: that is not as/u],
    [503, /^Todoist answered 503: it is in trouble/u],
  ])('that answers %i is told so, and nobody else is asked with the token', async (status, says) => {
    const asked: string[] = []
    const other = await served(({ headers }, response) => {
      asked.push(String(headers.authorization))
      response.end('{}')
    })
    const base = await served((_, response) => response.writeHead(status, { Location: other }).end('what?'))
    expect([await readAccount(to(base)), asked]).toEqual([refusal(says), []])
  })

  const answering = async (statuses: readonly number[]) => {
    const asked: number[] = []
    const base = await served((_, response) => {
      const status = statuses[asked.length] ?? 200
      asked.push(status)
      response.writeHead(status, status === 429 ? { 'Retry-After': '0' } : {}).end('{"results":[]}')
    })
    return { base, asked }
  }

  it.each<[string, readonly number[], { form?: Record<string, string>; repeatable?: boolean }, readonly number[]]>([
    ['trouble that passes', [500, 503], {}, [500, 503, 200]],
    ['trouble that stays', [500, 500, 500, 500], {}, [500, 500, 500]],
    ['too often', [429, 429], {}, [429, 429, 200]],
    ['a refusal', [401], {}, [401]],
    ['a command in trouble, which may have been done', [500], { form: {}, repeatable: false }, [500]],
    ['a command too many, which was not done', [429], { form: {}, repeatable: false }, [429, 200]],
  ])('is asked again where that can help: %s', async (_, statuses, call, seen) => {
    const { base, asked } = await answering(statuses)
    const answer = await ask(to(base, { pauses: [1, 1] }), { path: 'x', ...call })
    expect([answer.ok, asked]).toEqual([seen.at(-1) === 200, seen])
  })

  it('is not asked again by one who is told to end', async () => {
    const told = new AbortController()
    const base = await served(() => told.abort('SIGTERM'))
    expect(await ask(to(base, { signal: told.signal, pauses: [1] }), { path: 'x' })).toEqual(
      refusal('told to end by SIGTERM'),
    )
  })
})

describe('nonsense of the right status', () => {
  const things = { projects: '{"results":[]}', sync: '{"notes":[],"project_notes":[]}' }
  const saying = (answers: Record<string, string>) =>
    served(({ url = '' }, response) => {
      const [, name = ''] = /v1\/(\w+)/u.exec(url) ?? []
      response.end(answers[name] ?? things[name as keyof typeof things] ?? things.projects)
    })

  it.each([
    ['a number', { projects: '7' }, /no list of projects with ids/u],
    ['null', { projects: 'null' }, /no list of projects with ids/u],
    ['no results', { tasks: '{}' }, /no list of tasks with ids/u],
    ['a task without an id', { tasks: '{"results":[{"content":"x"}]}' }, /no list of tasks with ids/u],
    ['a label that is a word', { labels: '{"results":["x"]}' }, /no list of labels/u],
    ['a section of null', { sections: '{"results":[null]}' }, /no list of sections/u],
    ['pages without an end', { tasks: '{"results":[],"next_cursor":"again"}' }, /pages of tasks without an end/u],
    ['no comments', { sync: '{"notes":[]}' }, /no list of comments/u],
    ['comments of null', { sync: 'null' }, /no list of comments/u],
    ['a comment without an id', { sync: '{"notes":[null],"project_notes":[{}]}' }, /comments without ids/u],
  ])('is told: %s', async (_, answers, says) => {
    expect(await readAccount(to(await saying(answers)))).toEqual(refusal(says))
  })

  it('leaves out what is done, archived or removed, and comments on that', async () => {
    const base = await saying({
      projects: '{"results":[{"id":"p"},{"id":"q","is_archived":true}]}',
      tasks: '{"results":[{"id":"t"},{"id":"d","checked":true},{"id":"r","is_deleted":true}],"next_cursor":""}',
      sync: '{"notes":[{"id":"n","item_id":"t"},{"id":"o","item_id":"d"}],"project_notes":[{"id":"m","project_id":"p"}]}',
    })
    const read = await readAccount(to(base))
    expect(read).toMatchObject({ ok: true, value: { projects: [{ id: 'p' }], tasks: [{ id: 't' }] } })
    expect(read.ok && read.value.comments.map(({ id }) => id)).toEqual(['n', 'm'])
  })

  it('of any kind ends in an account or in a sentence', async () => {
    let body = ''
    const base = await served((_, response) => response.end(body))
    const thing = fc.dictionary(
      fc.constantFrom(
        'id',
        'name',
        'content',
        'labels',
        'due',
        'priority',
        'child_order',
        'parent_id',
        'item_id',
        'posted_at',
      ),
      fc.jsonValue({ maxDepth: 2 }),
    )
    const answer = fc.oneof(
      fc.jsonValue(),
      fc.record({ results: fc.oneof(fc.jsonValue(), fc.array(thing)), next_cursor: fc.jsonValue({ maxDepth: 0 }) }),
      fc.record({ results: fc.constant([]), notes: fc.array(thing), project_notes: fc.array(thing) }),
    )
    await fc.assert(
      fc.asyncProperty(answer, async (value) => {
        body = JSON.stringify(value)
        const read = await readAccount(to(base))
        expect(read.ok ? 'Todoist answered well' : read.message).toMatch(/^Todoist answered /u)
      }),
      { numRuns: 300 },
    )
  }, 120_000)
})
