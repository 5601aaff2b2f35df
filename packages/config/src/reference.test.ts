import { join } from 'node:path'
import { expect, it } from 'vitest'
import { homeReference, jsonSchema } from './reference.ts'

const root = join(import.meta.dirname, '..', '..', '..')

it('keeps the JSON Schema that editors read in step with the schema', async () => {
  await expect(`${JSON.stringify(jsonSchema(), undefined, 2)}\n`).toMatchFileSnapshot(
    join(root, 'home', 'home.schema.json'),
  )
})

it('keeps the reference for people in step with the schema', async () => {
  await expect(homeReference()).toMatchFileSnapshot(join(root, 'docs', 'home-file.md'))
})

it('describes every key', () => {
  expect(homeReference()).not.toMatch(/\| {2}\|$/mu)
})
