import { fc } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import type { Account, Project, Task } from './account.ts'
import { accountOf, textOf } from './dump.ts'
import { shapes } from './shape.ts'

const none: Account = { projects: [], sections: [], labels: [], tasks: [], comments: [] }
const project = (raw: object): Project => shapes.projects(raw)!
const task = (raw: object): Task => shapes.tasks(raw)!

describe('the text of a backup', { timeout: 60_000 }, () => {
  it("begins with the original's two lists, in its words and escapes, and is one line", () => {
    const text = textOf({
      ...none,
      projects: [project({ id: 'p', name: 'A <b> & "c"\u2028\u2029é\u0001\b\f\n\t\u007F\\' })],
      tasks: [task({ id: 't', content: '1 > 0', project_id: 'p', parent_id: null })],
    })
    // As written by encoding/json of Go 1.24.
    expect(text).toMatch(
      /^\{"projects":\[\{"id":"p","name":"A \\u003cb\\u003e \\u0026 \\"c\\"\\u2028\\u2029é\\u0001\\b\\f\\n\\t\u007F\\\\"\}\],"active_tasks":\[\{"content":"1 \\u003e 0","project_id":"p","parent_id":""\}\],"account":/u,
    )
    expect(text.endsWith('}\n')).toBe(true)
    expect(text.split('\n')).toHaveLength(2)
  })

  it('writes what is no text as the sign for that', () => {
    expect(textOf({ ...none, projects: [project({ id: 'p', name: 'a\uD800b' })] })).toContain('"name":"a\uFFFDb"')
  })

  it('is the same in whatever order and with whatever numbers the account is told', () => {
    const tasks = [5, 7, 9].map((order) =>
      task({ id: `t${order}`, content: `${order}`, child_order: order, project_id: 'p' }),
    )
    const others = [0, 1, 2].map((index) =>
      task({
        id: `t${[9, 5, 7][index]}`,
        content: `${[9, 5, 7][index]}`,
        child_order: [90, 7, 50][index],
        project_id: 'p',
      }),
    )
    expect(textOf({ ...none, tasks: others })).toBe(textOf({ ...none, tasks }))
  })

  it('can be read back, whatever the account holds', () => {
    const thing = fc.record({
      id: fc.string({ minLength: 1 }).map((id) => id.toWellFormed()),
      name: fc.string(),
      content: fc.string({ unit: 'binary' }),
      parent_id: fc.option(fc.string()),
      item_id: fc.option(fc.string()),
      labels: fc.array(fc.string()),
      due: fc.option(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }))),
      child_order: fc.integer(),
    })
    const list = fc.uniqueArray(thing, { selector: ({ id }) => id, maxLength: 5 })
    fc.assert(
      fc.property(list, list, list, (projects, tasks, comments) => {
        const account: Account = {
          ...none,
          projects: projects.map(project),
          tasks: tasks.map(task),
          comments: comments.map((one) => shapes.comments(one)!),
        }
        const text = textOf(account)
        const read = accountOf(text, 'x')
        expect(read.ok && textOf(read.account)).toBe(text)
      }),
      { numRuns: 50 },
    )
  })

  it('of any kind is read, or refused in a sentence', () => {
    const lists = fc.dictionary(
      fc.constantFrom('projects', 'sections', 'labels', 'tasks', 'comments'),
      fc.oneof(fc.jsonValue(), fc.array(fc.record({ id: fc.string(), order: fc.jsonValue() }))),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          lists.map((account) => JSON.stringify({ account })),
        ),
        (text) => {
          const read = accountOf(text, 'x')
          expect(read.ok ? 'x is read' : read.message).toMatch(/^x (is|was|holds) /u)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['half', '{"projects":[', /^x is no JSON/u],
    ['null', 'null', /^x was not written by this program, or by the original/u],
    ["the original's", '{"projects":[],"active_tasks":[]}', /only names and contents were kept/u],
    [
      'without tasks',
      '{"account":{"projects":[],"sections":[],"labels":[],"comments":[]}}',
      /^x holds no list of tasks/u,
    ],
    [
      'with a thing of nothing',
      '{"account":{"projects":[{"id":"a"},{}]}}',
      /^x holds under projects, at place 2, something without an id/u,
    ],
  ])('that is %s is refused', (_, text, says) => {
    expect(accountOf(text, 'x')).toEqual({ ok: false, message: expect.stringMatching(says) as string })
  })
})
