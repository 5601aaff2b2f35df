import { TodoistApi } from '@doist/todoist-sdk'
import type { TodoistSimulator } from '@homeslice/simulators'

/** Doist's own client of a simulated account. */
export const sdkOf = (host: string): TodoistApi => new TodoistApi('a-token', { baseUrl: `http://${host}:8080` })

/** Fills an account with some of everything, by Doist's own client, in an order in which nobody would restore it. */
export const fill = async (sdk: TodoistApi): Promise<void> => {
  const house = await sdk.addProject({ name: 'House <&> home', color: 'red', isFavorite: true, viewStyle: 'board' })
  const inbox = await sdk.addTask({ content: 'In the Inbox' })
  const garden = await sdk.addProject({ name: 'Garden', parentId: house.id })
  const beds = await sdk.addProject({ name: 'Beds', parentId: garden.id })
  const twin = await sdk.addProject({ name: 'Garden', parentId: house.id })
  const roof = await sdk.addSection({ name: 'Roof', projectId: house.id })
  await sdk.addSection({ name: 'Cellar', projectId: house.id })
  await sdk.addLabel({ name: 'soon', color: 'blue' })
  await sdk.addLabel({ name: 'never', isFavorite: true })
  const child = await sdk.addTask({ content: 'Second', projectId: house.id, order: 2 })
  const parent = await sdk.addTask({
    content: 'First',
    description: 'with **words**\nin lines',
    projectId: house.id,
    sectionId: roof.id,
    order: 1,
    labels: ['soon', 'shared'],
    priority: 4,
    dueString: 'every day',
    deadlineDate: '2026-05-01',
    duration: 15,
    durationUnit: 'minute',
  })
  const below = await sdk.addTask({ content: 'Below', parentId: parent.id })
  await sdk.addTask({ content: 'Deeper', parentId: below.id, dueDate: '2026-06-01' })
  // Equal ones with other things below them.
  for (const text of ['one', 'two']) {
    const same = await sdk.addTask({ content: 'Same', projectId: twin.id })
    await sdk.addTask({ content: text, parentId: same.id })
  }
  await sdk.addTask({ content: 'Roses', projectId: beds.id })
  await sdk.addComment({ taskId: parent.id, content: 'a word' })
  await sdk.addComment({
    taskId: parent.id,
    content: 'a picture',
    attachment: {
      resourceType: 'image',
      fileUrl: 'https://example.org/a.png',
      fileName: 'a.png',
      fileType: 'image/png',
    },
  })
  await sdk.addComment({ projectId: house.id, content: 'of the house' })
  await sdk.addComment({ taskId: inbox.id, content: child.content })
}

/** Many tasks in one project, each tenth with one below it. */
export const fillMany = ({ account }: TodoistSimulator, count: number): void => {
  const { id: project } = account.add('projects', { name: 'Many' }) as { id: string }
  for (let index = 0; index < count;) {
    const made = account.add('tasks', { content: `task ${(index += 1)}`, project_id: project }) as { id: string }
    if (index % 10 === 0 && index < count)
      account.add('tasks', { content: `below ${(index += 1)}`, project_id: project, parent_id: made.id })
  }
}

/** Everything of an account as Doist's own client tells it, by names: what people see, without an id. */
export const seen = async (sdk: TodoistApi): Promise<readonly string[]> => {
  const [projects, sections, labels, tasks] = [
    await all((page) => sdk.getProjects(page)),
    await all((page) => sdk.getSections(page)),
    await all((page) => sdk.getLabels(page)),
    await all((page) => sdk.getTasks(page)),
  ]
  const names = new Map<string | null, string>()
  const named = (id: string | null | undefined): string => names.get(id ?? null) ?? ''
  for (const one of [...projects, ...sections]) names.set(one.id, one.name)
  for (const one of tasks) names.set(one.id, one.content)
  const { notes = [], projectNotes = [] } = await sdk.sync({
    syncToken: '*',
    resourceTypes: ['notes', 'project_notes'],
  })
  const lines = [
    ...projects.map((one) => [
      'project',
      one.name,
      'parentId' in one ? named(one.parentId) : '',
      one.color,
      one.viewStyle,
      one.isFavorite,
    ]),
    ...sections.map((one) => ['section', one.name, named(one.projectId)]),
    ...labels.map((one) => ['label', one.name, one.color, one.isFavorite]),
    ...tasks.map((one) => [
      'task',
      one.content,
      named(one.projectId),
      named(one.sectionId),
      named(one.parentId),
      one.description,
      one.labels.toSorted(),
      one.priority,
      one.due,
      one.deadline,
      one.duration,
    ]),
    ...notes.map((one) => ['comment', one.content, named(one.itemId), one.fileAttachment]),
    ...projectNotes.map((one) => ['comment', one.content, named(one.projectId)]),
  ]
  return lines.map((line) => JSON.stringify(line)).toSorted()
}

type Page<Thing> = { readonly results: readonly Thing[]; readonly nextCursor: string | null }

const all = async <Thing>(
  ask: (page: { cursor?: string; limit: number }) => Promise<Page<Thing>>,
): Promise<Thing[]> => {
  const found: Thing[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Page<Thing> = await ask({ limit: 200, ...(cursor === '' ? {} : { cursor }) })
    found.push(...page.results)
    cursor = page.nextCursor
  }
  return found
}
