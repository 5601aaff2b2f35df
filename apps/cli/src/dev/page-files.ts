/** The page itself: what it shows comes by `/state.json`. */
export const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>homeslice dev</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body>
<header><h1 id="title">homeslice dev</h1><p id="problem" role="alert" hidden></p></header>
<main id="main">
<noscript>This page needs JavaScript; the log shows the URLs.</noscript>
<section aria-labelledby="devices" hidden><h2 id="devices">Devices</h2><div id="device-list"></div></section>
<section aria-labelledby="services" hidden><h2 id="services">Services</h2><div id="service-list"></div></section>
<section aria-labelledby="jobs" hidden><h2 id="jobs">Jobs</h2><div id="job-list"></div></section>
<section aria-labelledby="rest" hidden><h2 id="rest">Not run</h2><ul id="rest-list"></ul></section>
</main>
<output id="said" aria-label="What came of it" aria-live="polite"></output>
</body>
</html>
`

/** Its sign in the tab: a house. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#2a8" d="M8 1 1 7v8h5v-5h4v5h5V7z"/></svg>
`

/** Its looks. */
export const style = `:root { background: Canvas; color: CanvasText; color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; --line: #8885 }
body { margin: 0 auto; max-width: 66rem; padding: 1rem 1rem 0; overflow-wrap: anywhere }
h1 { font-size: 1.3rem; margin: 0 } h2 { font-size: 1.1rem; margin: 1.4rem 0 .6rem } h3 { font-size: 1rem; margin: 0 }
article { border: 1px solid var(--line); border-radius: 8px; padding: .7rem .9rem }
article p, details, ul { margin: .3rem 0 0 } ul { padding-left: 1.2rem }
#device-list, #service-list, #job-list { display: grid; gap: .7rem }
#device-list, #job-list { grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)) }
main[inert] { opacity: .5 }
button, select, input { font: inherit; max-width: 100%; padding: .2rem .6rem }
button { overflow-wrap: anywhere; text-align: left }
input { width: 5.5rem } code { font-size: .87rem } details code { display: block; white-space: pre-wrap }
.head, .calls, .call { align-items: center; display: flex; flex-wrap: wrap; gap: .4rem }
.head .last { margin-left: auto } .calls { margin-top: .3rem } .call { gap: .2rem }
.about { font-size: .87rem; opacity: .8 }
.state { background: #8883; border-radius: 1rem; padding: .05rem .6rem }
.ready, .on, .running { background: #2a83 } .waiting, .failed, .stopped, .fails { background: #d433 }
[hidden] { display: none !important }
#problem { border-left: 4px solid #d43; margin: .6rem 0 0; padding: .2rem .8rem; white-space: pre-wrap }
#said { background: Canvas; border-top: 1px solid var(--line); bottom: 0; display: block; margin: 1.4rem -1rem 0; max-height: 40vh; overflow: auto; padding: .6rem 1rem; position: sticky; white-space: pre-wrap }
#said:empty { border: 0; padding: .4rem }
`
