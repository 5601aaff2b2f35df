/** The page itself: what it shows comes by `/state.json`. */
export const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>homeslice dev</title>
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body>
<header><h1 id="title">homeslice dev</h1><p id="problem" role="alert" hidden></p></header>
<main>
<noscript>This page needs JavaScript; the log shows the URLs.</noscript>
<section aria-labelledby="devices"><h2 id="devices">Devices</h2><div id="device-list"></div></section>
<section aria-labelledby="services"><h2 id="services">Services</h2><div id="service-list"></div></section>
<section aria-labelledby="rest"><h2 id="rest">Not run</h2><ul id="rest-list"></ul></section>
</main>
<output id="said" aria-live="polite"></output>
</body>
</html>
`

/** Its looks. */
export const style = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 60rem; padding: 1rem 1rem 5rem }
h1 { font-size: 1.3rem } h2 { font-size: 1.1rem } h3 { display: inline; font-size: 1rem; margin: 0 }
article { border: 1px solid #8885; border-radius: 8px; margin: .6rem 0; padding: .6rem .9rem }
article p { margin: .2rem 0 }
button, select, input { font: inherit; padding: .15rem .6rem }
code { overflow-wrap: anywhere }
.state { border-radius: 1rem; margin-left: .6rem; padding: .05rem .6rem; background: #8883 }
.ready, .on { background: #2a83; } .waiting { background: #d433 }
.calls { display: flex; flex-wrap: wrap; gap: .4rem; margin-top: .4rem }
#problem { border-left: 4px solid #d43; margin: 0; padding: .4rem .8rem; white-space: pre-wrap }
#said { background: Canvas; border-top: 1px solid #8885; bottom: 0; left: 0; padding: .5rem 1rem; position: fixed; right: 0; white-space: pre-wrap }
#said:empty { display: none }
`

/** What it does; text of others is only ever set as text. */
export const script = `const at = (id) => document.getElementById(id)
const make = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props)
  node.append(...children.filter((child) => child !== undefined))
  return node
}
const say = (text) => { at('said').textContent = text }
const post = async (path, body) => {
  const response = await fetch(path, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  })
  const document = await response.json()
  if (document.error) say(document.error)
  await refresh()
  return document
}
const pathOf = (what, name) => '/' + what + '/' + encodeURIComponent(name)
const link = (url) => make('a', { href: url, textContent: url, target: '_blank', rel: 'noreferrer' })
const button = (text, onclick, title = '') => make('button', { type: 'button', textContent: text, title, onclick })
const head = ({ name, state, reason }) => [
  make('h3', { textContent: name }),
  make('span', { className: 'state ' + state, textContent: state }),
  reason ? make('p', { textContent: reason }) : undefined,
]

const call = (service, { method, path, summary, blanks }) => button(method + ' ' + path, async () => {
  let target = path
  for (const blank of blanks) {
    const word = prompt(blank + '?')
    if (word === null) return
    target = target.replace('{' + blank + '}', encodeURIComponent(word))
  }
  const answer = await post(pathOf('call', service), { method, path: target })
  if (answer.status) {
    const why = answer.headers['x-homeslice-reason']
    say(method + ' ' + target + ' → ' + answer.status + ' ' + JSON.stringify(answer.body) + (why ? '\\n' + why : ''))
  }
}, summary)

const service = (one) => make('article', {},
  ...head(one),
  make('p', { textContent: one.summary }),
  ...one.urls.map((url) => make('p', {}, link(url))),
  make('p', {}, 'by itself ', link(one.own), ', metrics ', link(one.metrics), one.debug ? ', debugger at ' + one.debug : ''),
  make('div', { className: 'calls' },
    ...one.calls.map((its) => call(one.name, its)),
    button('start again', () => post(pathOf('restart', one.name), {})),
  ),
)
const job = (one) => make('article', {}, ...head(one), make('p', { textContent: one.summary }),
  make('div', { className: 'calls' }, button('run now', () => post(pathOf('restart', one.name), {}))))

const device = (one, faults) => {
  const known = one.device ?? {}
  const choice = make('select', { ariaLabel: 'how ' + one.name + ' fails' },
    ...faults.map((fault) => make('option', { value: fault, textContent: fault, selected: fault === known.fault })))
  choice.onchange = () => post(pathOf('press', one.name), { fault: choice.value })
  const rest = Object.entries(known).filter(([key]) => !['kind', 'name', 'on', 'fault'].includes(key))
  return make('article', {},
    ...head(one),
    typeof known.on === 'boolean'
      ? make('span', { className: 'state ' + (known.on ? 'on' : ''), textContent: known.on ? 'on' : 'off' }) : undefined,
    make('p', {}, one.kind + ' at ' + one.address + ' ',
      make('code', { textContent: rest.map(([key, value]) => key + '=' + JSON.stringify(value)).join(' ') })),
    make('div', { className: 'calls' },
      ...(typeof known.on === 'boolean'
        ? [button(known.on ? 'turn off' : 'turn on', () => post(pathOf('press', one.name), { on: !known.on }))] : []),
      make('label', {}, 'fault ', choice),
    ),
  )
}

let before = ''
const show = (text) => {
  // What has the focus stays: a list that is open would shut.
  if (text === before || document.activeElement?.tagName === 'SELECT') return
  before = text
  const view = JSON.parse(text)
  document.title = view.home + ' · homeslice dev'
  at('title').textContent = view.home + ' (' + view.environment + ')'
  at('problem').textContent = view.problem ?? ''
  at('problem').hidden = !view.problem
  at('device-list').replaceChildren(...view.devices.map((one) => device(one, view.faults)))
  at('service-list').replaceChildren(...view.services.map(service), ...view.jobs.map(job))
  at('rest-list').replaceChildren(...view.notRun.map(({ name, reason }) => make('li', { textContent: name + ': ' + reason })))
}
const refresh = async () => {
  try { show(await (await fetch('/state.json')).text()) }
  catch { say('homeslice dev does not answer: it has ended') }
}
const turn = async () => {
  if (!document.hidden) await refresh()
  setTimeout(turn, 1000)
}
await turn()
`
