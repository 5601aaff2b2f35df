import { configureGlobal } from 'fast-check'

// A red run shall be about the change that is tested, so the cases are the same each time; `npm run soak` draws new ones.
if (process.env.HOMESLICE_SOAK !== '1') configureGlobal({ seed: 20_261_124 })
