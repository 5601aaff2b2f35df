import { Readable } from 'node:stream'
import type { Failure } from '../outcome.ts'
import { type Credentials, credentialsFor } from './credentials.ts'
import { type Answer, type Asked, type Body, type Cut, exchange } from './exchange.ts'
import { challengeOf, isPrivate, logIn } from './login.ts'
import { type Patience, persist } from './retry.ts'
import { speaksNoTls, type Trouble, troubleOfAnswer, troubleOfCut, type Where } from './trouble.ts'

/** One thing that a registry keeps by its digest. */
export type Blob = Body & { readonly digest: string }

/** A document of OCI: its kind and its text. */
export type Document = { readonly mediaType: string; readonly text: string }

/** What to ask a registry, and with whose logins. */
export type Options = Patience & {
  readonly host: string
  /** Where the logins are. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The repositories that will be pushed to. */
  readonly repositories: readonly string[]
}

type Done = { readonly ok: true }

/** A registry of OCI's distribution protocol, and only what a push needs of it. */
export class Registry {
  readonly #options: Options
  readonly #base: URL
  readonly #credentials: Credentials | undefined
  readonly #file: string
  #authorization: string | undefined

  private constructor(options: Options, base: URL, found: { credentials: Credentials | undefined; file: string }) {
    this.#options = options
    this.#base = base
    this.#credentials = found.credentials
    this.#file = found.file
  }

  /** Finds out how the registry is spoken to, and whether it knows us. */
  static async connect(options: Options): Promise<{ readonly ok: true; readonly registry: Registry } | Failure> {
    const { host, env } = options
    const found = await credentialsFor(host, env)
    if (!found.ok) return found
    return persist(async () => {
      const base = await baseOf(host, options.signal)
      if (!base.ok) return base
      const registry = new Registry(options, base.url, found)
      const greeted = await registry.#ask({ method: 'GET', url: base.url }, base.url.pathname)
      return greeted.ok ? { ok: true as const, registry } : greeted
    }, options)
  }

  /** Whether a manifest or an index is there. */
  async hasManifest(
    repository: string,
    digest: string,
  ): Promise<{ readonly ok: true; readonly there: boolean } | Failure> {
    return persist(() => this.#has(repository, `manifests/${digest}`), this.#options)
  }

  /**
   * Sends a blob, unless it is there. One that another repository of the registry holds is taken over from there, where
   * the registry can do that. Tells how many bytes were sent.
   */
  async upload(
    repository: string,
    blob: Blob,
    holder: string | undefined,
  ): Promise<{ readonly ok: true; readonly sent: number } | Failure> {
    return persist(() => this.#upload(repository, blob, holder), this.#options)
  }

  /** Puts a document by its digest or under a tag. */
  async describe(repository: string, reference: string, { mediaType, text }: Document): Promise<Done | Failure> {
    const asked: Asked = {
      method: 'PUT',
      url: this.#url(repository, `manifests/${reference}`),
      headers: { 'content-type': mediaType },
      body: bodyOf(text),
    }
    return persist(async () => {
      const answer = await this.#ask(asked, repository)
      return answer.ok ? { ok: true as const } : answer
    }, this.#options)
  }

  #url(repository: string, path: string): URL {
    return new URL(`/v2/${repository}/${path}`, this.#base)
  }

  async #has(repository: string, path: string): Promise<{ readonly ok: true; readonly there: boolean } | Trouble> {
    const headers = { accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json' }
    const answer = await this.#ask({ method: 'HEAD', url: this.#url(repository, path), headers }, repository, [404])
    // A redirect leads to where a registry keeps what it has.
    return answer.ok ? { ok: true, there: answer.status !== 404 } : answer
  }

  async #upload(
    repository: string,
    blob: Blob,
    holder: string | undefined,
  ): Promise<{ readonly ok: true; readonly sent: number } | Trouble> {
    const { digest } = blob
    const has = await this.#has(repository, `blobs/${digest}`)
    if (!has.ok) return has
    if (has.there) return { ok: true, sent: 0 }
    const begin = this.#url(repository, 'blobs/uploads/')
    if (holder !== undefined) {
      begin.searchParams.set('mount', digest)
      begin.searchParams.set('from', holder)
    }
    const begun = await this.#ask({ method: 'POST', url: begin }, repository)
    if (!begun.ok) return begun
    if (begun.status === 201) return { ok: true, sent: 0 }
    const place = this.#placeOf(begun, repository)
    if (!place.ok) return place
    place.url.searchParams.set('digest', digest)
    const headers = { 'content-type': 'application/octet-stream' }
    const put = await this.#ask({ method: 'PUT', url: place.url, headers, body: blob }, repository)
    return put.ok ? { ok: true, sent: blob.bytes } : put
  }

  /** Where an upload goes on. A registry behind a proxy that ends TLS often takes its own address for plain HTTP. */
  #placeOf({ headers }: Answer, repository: string): { readonly ok: true; readonly url: URL } | Trouble {
    const { location = '' } = headers
    if (location !== '' && URL.canParse(location, this.#base.href)) {
      const url = new URL(location, this.#base)
      if (url.hostname === this.#base.hostname) url.protocol = this.#base.protocol
      if (isPrivate(url)) return { ok: true, url }
    }
    return {
      ok: false,
      message: `${this.#options.host} names no place that it can take ${repository} at: "${location}"`,
      fix: 'look at the log of the registry, and at the proxy before it',
      again: false,
    }
  }

  /** Asks once more where the registry first wants to know who asks, or no longer knows. */
  async #ask(asked: Asked, repository: string, alsoFine: readonly number[] = []): Promise<Answer | Trouble> {
    const { host, signal, repositories } = this.#options
    const where: Where = { host, repository, file: this.#file, known: this.#credentials !== undefined }
    let answer = await exchange(this.#signed(asked), signal)
    const challenge = answer.ok && answer.status === 401 ? challengeOf(answer.headers['www-authenticate']) : undefined
    if (challenge !== undefined) {
      const authorised = await logIn(challenge, { where, credentials: this.#credentials, repositories, signal })
      if (!authorised.ok) return authorised
      this.#authorization = authorised.authorization
      answer = await exchange(this.#signed(asked), signal)
    }
    if (!answer.ok) return troubleOfCut(host, answer)
    return answer.status < 400 || alsoFine.includes(answer.status) ? answer : troubleOfAnswer(where, answer)
  }

  /** Only the registry itself gets to know who we are: an upload may go on somewhere else. */
  #signed(asked: Asked): Asked {
    if (this.#authorization === undefined || asked.url.host !== this.#base.host) return asked
    return { ...asked, headers: { ...asked.headers, authorization: this.#authorization } }
  }
}

/** A text as something to send. */
export const bodyOf = (text: string): Body => ({
  bytes: Buffer.byteLength(text),
  open: () => Readable.from([Buffer.from(text)]),
})

/** TLS, or plain HTTP where that is all that a registry of this machine speaks. */
const baseOf = async (
  host: string,
  signal: AbortSignal,
): Promise<{ readonly ok: true; readonly url: URL } | Trouble> => {
  const safe = new URL(`https://${host}/v2/`)
  const plain = new URL(`http://${host}/v2/`)
  const answer = await exchange({ method: 'GET', url: safe }, signal)
  if (answer.ok) return { ok: true, url: safe }
  if (!isPrivate(plain) || !mayBePlain(answer)) return troubleOfCut(host, answer)
  const second = await exchange({ method: 'GET', url: plain }, signal)
  return second.ok ? { ok: true, url: plain } : troubleOfCut(host, second)
}

/** A server without TLS answers its greeting in words of HTTP, or hangs up. */
const mayBePlain = (cut: Cut): boolean => speaksNoTls(cut) || cut.code === 'ECONNRESET'
