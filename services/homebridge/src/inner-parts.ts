import { registerHooks } from 'node:module'

const inner = 'homebridge/dist/'

// Homebridge exports its types alone. Where it is run from its sources, as `homeslice dev` does, its parts are found by
// their paths; our bundle holds them, and asks for none.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier.startsWith(inner)
      ? next(new URL(specifier.slice(inner.length), next('homebridge', context).url).href, context)
      : next(specifier, context),
})
