import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TodoistApi, TodoistRequestError, TodoistSyncError, createCommand } from '@doist/todoist-sdk'
import { startTodoist, type TodoistSimulator } from './todoist.ts'

const host = '127.0.9.40'
const port = 8080
const baseUrl = `http://${host}:${port}`
let simulator: TodoistSimulator
beforeAll(async () => {
  simulator = await startTodoist({ name: 'cloud', host, port })
})
afterAll(() => simulator.stop())

/** Doist's own client, which checks every object that it is given. */
const sdk = new TodoistApi('a-token', { baseUrl })

type Asked = { readonly method?: string; readonly token?: string; readonly body?: string; readonly form?: boolean }

const ask = async (path: string, { method = 'GET', token = 'Bearer x', body = '', form = false }: Asked = {}) => {
  const response = await fetch(`${baseUrl}${path}`, {
    method,
    headers: { Authorization: token, 'Content-Type': form ? 'application/x-www-form-urlencoded' : 'application/json' },
    ...(method === 'GET' ? {} : { body }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe("a simulated Todoist, asked by Doist's own client", { timeout: 60_000 }, () => {
  it('has nothing but an Inbox at first', async () => {
    expect(await sdk.getTasks()).toEqual({ results: [], nextCursor: null })
    const { results } = await sdk.getProjects()
    expect(results).toMatchObject([{ name: 'Inbox', inboxProject: true }])
  })

  it('makes each kind of thing, and tells of it', async () => {
    const project = await sdk.addProject({ name: 'House', color: 'red', isFavorite: true, viewStyle: 'board' })
    const below = await sdk.addProject({ name: 'Garden', parentId: project.id })
    expect(below).toMatchObject({ name: 'Garden', parentId: project.id, color: 'charcoal' })
    const section = await sdk.addSection({ name: 'Roof', projectId: project.id })
    const label = await sdk.addLabel({ name: 'soon', color: 'blue' })
    const task = await sdk.addTask({
      content: 'Mend it',
      projectId: project.id,
      sectionId: section.id,
      labels: ['soon'],
      priority: 4,
      dueString: 'every day',
      deadlineDate: '2026-05-01',
      duration: 15,
      durationUnit: 'minute',
    })
    expect(task).toMatchObject({
      due: { string: 'every day', isRecurring: true },
      deadline: { date: '2026-05-01' },
      duration: { amount: 15, unit: 'minute' },
    })
    const child = await sdk.addTask({ content: 'Buy tiles', parentId: task.id, dueDate: '2026-04-01' })
    expect(child).toMatchObject({ parentId: task.id, projectId: project.id, due: { date: '2026-04-01' } })
    const comment = await sdk.addComment({ taskId: task.id, content: 'red ones' })
    const other = await sdk.addComment({ projectId: project.id, content: 'of 1900' })
    expect((await sdk.getTasks({ sectionId: section.id })).results).toMatchObject([{ id: task.id }])
    expect((await sdk.getSections({ projectId: project.id })).results).toMatchObject([{ id: section.id }])
    expect((await sdk.getLabels()).results).toEqual([label])
    expect((await sdk.getComments({ taskId: task.id })).results).toMatchObject([{ id: comment.id }])
    expect((await sdk.getComments({ projectId: project.id })).results).toMatchObject([{ id: other.id }])
    const all = await sdk.sync({ syncToken: '*', resourceTypes: ['notes', 'project_notes'] })
    expect([all.notes?.map(({ id }) => id), all.projectNotes?.map(({ id }) => id)]).toEqual([[comment.id], [other.id]])
  })

  it('makes many things in one call, each on its own, and tells their ids', async () => {
    const project = createCommand('project_add', { name: 'Many' }, 'p')
    const task = createCommand('item_add', { content: 'one', projectId: 'p' }, 't')
    const note = createCommand('note_add', { itemId: 't', content: 'of one', postedAt: '2026-01-01' }, 'n')
    const synced = await sdk.sync({ commands: [project, task, note] })
    const made = (await sdk.getTasks({ projectId: synced.tempIdMapping?.['p'] ?? '' })).results
    expect(made).toMatchObject([{ id: synced.tempIdMapping?.['t'], content: 'one' }])
    const wrong = createCommand('item_add', { content: 'lost', projectId: 'nowhere' }, 'w')
    const right = createCommand('label_add', { name: 'kept' }, 'r')
    const refused = await sdk.sync({ commands: [wrong, right] }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(TodoistSyncError)
    expect((refused as TodoistSyncError).syncStatus).toMatchObject({
      [right.uuid]: 'ok',
      [wrong.uuid]: { httpCode: 400 },
    })
    expect((await sdk.getLabels()).results.map(({ name }) => name)).toContain('kept')
  })

  it('pages 450 tasks', async () => {
    const project = await sdk.addProject({ name: 'Long' })
    for (let index = 0; index < 450; index += 1)
      simulator.account.add('tasks', { content: `${index}`, project_id: project.id })
    const pages: string[][] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Awaited<ReturnType<typeof sdk.getTasks>> = await sdk.getTasks({
        projectId: project.id,
        limit: 200,
        ...(cursor === '' ? {} : { cursor }),
      })
      pages.push(page.results.map(({ content }) => content))
      cursor = page.nextCursor
    }
    expect(pages.map((page) => page.length)).toEqual([200, 200, 50])
    expect(pages.flat()).toEqual(Array.from({ length: 450 }, (_, index) => String(index)))
  })

  it.each([
    ['unauthorised', 401],
    ['gone', 410],
    ['limited', 429],
    ['error', 500],
  ] as const)('that is %s answers %i', async (fault, status) => {
    await simulator.setFault(fault)
    const error = await sdk.getProjects().catch((reason: unknown) => reason)
    await simulator.setFault('none')
    expect(error).toBeInstanceOf(TodoistRequestError)
    expect((error as TodoistRequestError).httpStatusCode).toBe(status)
  })
})

describe('a simulated Todoist', { timeout: 60_000 }, () => {
  it.each<[string, string, Asked, number]>([
    ['without a token', '/api/v1/projects', { token: 'none' }, 401],
    ['in the old way', '/rest/v2/projects', {}, 410],
    ['for what it has not', '/api/v1/reminders', {}, 404],
    ['for one thing', '/api/v1/tasks/1', {}, 404],
    ['to remove', '/api/v1/tasks', { method: 'DELETE' }, 405],
    ['for too many', '/api/v1/tasks?limit=201', {}, 400],
    ['for a page of none', '/api/v1/tasks?cursor=eHg', {}, 400],
    ['for a task of nothing', '/api/v1/tasks', { method: 'POST', body: '{}' }, 400],
    ['for a task below nothing', '/api/v1/tasks', { method: 'POST', body: '{"content":"x","parent_id":"no"}' }, 400],
    ['for a project without a name', '/api/v1/projects', { method: 'POST', body: '{"name":""}' }, 400],
    ['for a project below none', '/api/v1/projects', { method: 'POST', body: '{"name":"x","parent_id":"no"}' }, 400],
    ['for a section of nothing', '/api/v1/sections', { method: 'POST', body: '{"name":"x"}' }, 400],
    ['for a label without a name', '/api/v1/labels', { method: 'POST', body: 'no JSON' }, 400],
    ['for a comment on nothing', '/api/v1/comments', { method: 'POST', body: '7' }, 400],
    [
      'for more than 100 at once',
      '/api/v1/sync',
      { method: 'POST', body: `{"commands":[${'{},'.repeat(100)}{}]}` },
      400,
    ],
  ])('asked %s answers with an error of its shape', async (_, path, asked, status) => {
    const answer = await ask(path, asked)
    expect(answer).toMatchObject({ status, body: { http_code: status, error: expect.any(String) as string } })
  })

  it('takes commands as a form, says which there are not, and does nothing where it is stuck', async () => {
    const commands = (uuid: string, type: string): string =>
      new URLSearchParams({
        commands: JSON.stringify([{ type, uuid, temp_id: uuid, args: { name: uuid } }]),
        sync_token: 'as it is',
      }).toString()
    const sync = (body: string) => ask('/api/v1/sync', { method: 'POST', body, form: true })
    expect((await sync(commands('a', 'label_add'))).body).toMatchObject({ sync_status: { a: 'ok' } })
    expect((await sync(commands('b', 'label_burn'))).body).toMatchObject({ sync_status: { b: { http_code: 400 } } })
    await simulator.setFault('stuck')
    expect((await sync(commands('c', 'label_add'))).body).toMatchObject({ temp_id_mapping: { c: 'never-c' } })
    await simulator.setFault('none')
    const names = (await sdk.getLabels()).results.map(({ name }) => name)
    expect([names.includes('a'), names.includes('c')]).toEqual([true, false])
  })

  const begin = async () => {
    const outgoing = request({
      host,
      port,
      path: '/api/v1/projects',
      headers: { Authorization: 'Bearer x' },
      agent: false,
    })
    outgoing.on('error', () => undefined).end()
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
    return { outgoing, response }
  }

  it.each(['vanish', 'dribble', 'huge'] as const)(
    'that has the fault %s goes on answering afterwards',
    async (fault) => {
      await simulator.setFault(fault)
      const { outgoing, response } = await begin()
      let bytes = 0
      response
        .on('error', () => undefined)
        .on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > (fault === 'huge' ? 1 << 20 : 1)) outgoing.destroy()
        })
      await new Promise((resolve) => response.on('close', resolve))
      expect(response.complete).toBe(false)
      await simulator.setFault('none')
      expect((await ask('/api/v1/labels')).status).toBe(200)
    },
  )

  it('that is silent, slow, nonsense or away is so', async () => {
    await simulator.setFault('silent')
    await expect(fetch(`${baseUrl}/api/v1/tasks`, { signal: AbortSignal.timeout(300) })).rejects.toThrow(/timeout/u)
    await simulator.setFault('garbage')
    expect(await (await fetch(`${baseUrl}/api/v1/tasks`)).text()).toBe('<html>what?</html>')
    await simulator.setFault('slow')
    expect((await ask('/api/v1/labels')).status).toBe(200)
    await simulator.setFault('refuse')
    await expect(fetch(`${baseUrl}/api/v1/tasks`)).rejects.toThrow('fetch failed')
    expect(simulator.state()).toMatchObject({ kind: 'todoist', on: false, fault: 'refuse' })
    await simulator.setFault('none')
    simulator.setOn(false)
    expect(simulator.state().on).toBe(true)
  })
})
