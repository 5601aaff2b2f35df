/** What the page does. Text of others is only ever set as text. */
export const script = String.raw`const at = (id) => document.getElementById(id)
const make = (tag, { key = '', ...props } = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props)
  if (key !== '') node.dataset.key = key
  node.append(...children)
  return node
}

// Makes a node like a fresh one in its place: focus, open lists and half-written words stay where they are.
// What handles events goes over to it, and so must go by the event alone.
const match = (node, fresh) => {
  if (node.nodeName !== fresh.nodeName || node.dataset?.key !== fresh.dataset?.key) return node.replaceWith(fresh)
  if (node.nodeType === Node.TEXT_NODE) return void (node.data === fresh.data || (node.data = fresh.data))
  for (const { name, value } of fresh.attributes) if (node.getAttribute(name) !== value) node.setAttribute(name, value)
  const { hidden, onclick, onchange, onsubmit } = fresh
  Object.assign(node, { hidden, onclick, onchange, onsubmit })
  const [olds, news] = [[...node.childNodes], [...fresh.childNodes]]
  const chosen = fresh.nodeName === 'SELECT' ? fresh.value : undefined
  olds.forEach((old, i) => (i < news.length ? match(old, news[i]) : old.remove()))
  node.append(...news.slice(olds.length))
  if (chosen !== undefined && node.value !== chosen) node.value = chosen
}
const list = (id, nodes) => {
  match(at(id), make(at(id).tagName, {}, ...nodes))
  at(id).closest('section').hidden = nodes.length === 0
}

const say = (text) => { at('said').textContent = text }
const warn = (text) => {
  if (at('problem').textContent !== text) at('problem').textContent = text
  at('problem').hidden = text === ''
}
const post = async (what, name, body) => {
  const response = await fetch('/' + what + '/' + encodeURIComponent(name), {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  }).catch(() => undefined)
  const document = response ? await response.json() : {}
  if (document.error) say(document.error)
  await refresh()
  return document
}

const text = (tag, className, textContent) => make(tag, { className, textContent, hidden: textContent === '' })
const link = (url) => make('a', { href: url, textContent: url, target: '_blank', rel: 'noreferrer' })
// Its name tells of what, for who hears the page; it begins with what is written on it.
const button = (textContent, of, onclick) =>
  make('button', { type: 'button', textContent, ariaLabel: textContent + ' ' + of, onclick })
const head = ({ name, state, restarts }, ...more) => make('div', { className: 'head' },
  make('h3', { textContent: name }),
  text('span', 'state ' + state, state),
  text('small', '', restarts > 0 ? 'started again ' + restarts + ' ×' : ''),
  ...more)
const again = (one, word) => {
  const node = button(word, one.name, () => post('restart', one.name, {}))
  node.className = 'last'
  return node
}

const send = (service, { method, path }) => async (event) => {
  event.preventDefault()
  const filled = new FormData(event.target)
  const target = path.replaceAll(/\{(\w+)\}/g, (_, blank) => encodeURIComponent(filled.get(blank)))
  const { status, headers, body } = await post('call', service, { method, path: target })
  if (status) say([method + ' ' + target + ' → ' + status, headers['x-homeslice-reason'], body].filter(Boolean).join('\n'))
}
const call = (service, one) => {
  const name = one.method + ' ' + one.path
  const [first, ...rest] = one.path.split(/\{(\w+)\}/)
  const filled = rest.map((part, i) => i % 2 === 0
    ? make('input', { name: part, placeholder: part, ariaLabel: part, required: true, autocomplete: 'off' })
    : make('code', { textContent: part }))
  return make('form', { key: name, className: 'call', onsubmit: send(service, one) },
    make('button', { textContent: filled.length > 0 ? one.method : name, ariaLabel: name }),
    ...(filled.length > 0 ? [make('code', { textContent: first }), ...filled] : []))
}

const service = (one) => make('article', { key: one.name, ariaLabel: one.name },
  head(one, again(one, 'start again')),
  text('p', '', one.reason ?? ''),
  text('p', '', one.summary),
  ...one.urls.map((url) => make('p', {}, link(url))),
  make('p', {}, 'by itself ', link(one.own), ', metrics ', link(one.metrics), one.debug ? ', debugger at ' + one.debug : ''),
  ...Object.entries(Object.groupBy(one.calls, ({ summary }) => summary)).flatMap(([summary, its]) => [
    text('p', 'about', summary),
    make('div', { className: 'calls' }, ...its.map((it) => call(one.name, it))),
  ]))
const job = (one) => make('article', { key: one.name, ariaLabel: one.name },
  head(one, again(one, 'run now')), text('p', '', one.reason ?? ''), text('p', '', one.summary))

const longest = 60
const words = (value) => {
  const all = JSON.stringify(value)
  return all.length > longest ? all.slice(0, longest) + '…' : all
}
const device = (faults) => (one) => {
  const known = one.device ?? {}
  const { kind, name, on, fault = 'none', host, ...rest } = known
  const facts = Object.entries(rest).filter(([, value]) => value !== '' && value.length !== 0)
  const choice = make('select', { ariaLabel: 'fault of ' + one.name },
    ...faults.map((value) => make('option', { value, textContent: value, selected: value === fault })))
  choice.onchange = ({ target }) => post('press', one.name, { fault: target.value })
  const turn = button(on ? 'turn off' : 'turn on', one.name, () => post('press', one.name, { on: !on }))
  turn.hidden = on === undefined
  return make('article', { key: one.name, ariaLabel: one.name },
    head(one,
      text('span', on ? 'state on' : 'state', on === undefined ? '' : on ? 'on' : 'off'),
      text('span', 'state fails', fault === 'none' ? '' : 'fails: ' + fault)),
    text('p', '', one.reason ?? ''),
    make('details', {},
      make('summary', { textContent: one.kind + ' at ' + one.address }),
      make('code', { textContent: facts.map(([key, value]) => key + '=' + words(value)).join('\n') })),
    make('div', { className: 'calls' }, turn, make('label', {}, 'fault ', choice)))
}

const show = (view) => {
  document.title = view.home + ' · homeslice dev'
  at('title').textContent = view.home + ' (' + view.environment + ')'
  warn(view.problem ?? '')
  list('device-list', view.devices.map(device(view.faults)))
  list('service-list', view.services.map(service))
  list('job-list', view.jobs.map(job))
  list('rest-list', view.notRun.map(({ name, reason }) => make('li', { textContent: name + ': ' + reason })))
}

let asked = 0
let shown = 0
let before = ''
const refresh = async () => {
  const mine = ++asked
  const state = await fetch('/state.json').then((response) => response.text()).catch(() => undefined)
  // An older answer may come after a newer one.
  if (mine < shown) return
  shown = mine
  at('main').inert = state === undefined
  if (state === before) return
  before = state
  if (state === undefined) warn('homeslice dev does not answer: it has ended')
  else show(JSON.parse(state))
}
const turn = async () => {
  try { if (!document.hidden) await refresh() }
  finally { setTimeout(turn, 1000) }
}
document.onvisibilitychange = () => document.hidden || refresh()
await turn()
`
