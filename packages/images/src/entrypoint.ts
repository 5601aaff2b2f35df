/**
 * How Node is started in our images. The heap stays below the limit of the container. Young objects get little room of
 * their own, since a service that answers some requests a second otherwise keeps 45 MiB of what nobody needs any more.
 */
export const nodeFlags = ['--max-old-space-size=48', '--max-semi-space-size=1'] as const

/** What each image of ours starts, and in which environment. */
export const started = {
  entrypoint: ['/usr/bin/node', ...nodeFlags, '/app/main.mjs'],
  env: { NODE_ENV: 'production', NODE_USE_ENV_PROXY: '1' },
} as const
