import fc from 'fast-check'

// A red run shall be about the change that is tested, so the cases are the same each time; `npm run soak` draws new ones.
if (process.env.HOMESLICE_SOAK !== '1') fc.configureGlobal({ seed: 20_261_124 })
