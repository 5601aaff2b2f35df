import type { Item, Track } from '../player.ts'
import { child, descendant, escapeXml, parseXml } from './xml.ts'

const open = [
  '<DIDL-Lite xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:upnp="urn:schemas-upnp-org:metadata-1-0/upnp/"',
  ' xmlns:r="urn:schemas-rinconnetworks-com:metadata-1-0/" xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/">',
].join('')

type Described = {
  readonly id: string
  readonly parent: string
  readonly title: string
  readonly upnpClass: string
  readonly service: string
}

const didl = ({ id, parent, title, upnpClass, service }: Described): string =>
  [
    open,
    `<item id="${escapeXml(id)}" parentID="${escapeXml(parent)}" restricted="true">`,
    `<dc:title>${escapeXml(title)}</dc:title><upnp:class>${upnpClass}</upnp:class>`,
    '<desc id="cdudn" nameSpace="urn:schemas-rinconnetworks-com:metadata-1-0/">',
    `${service}</desc></item></DIDL-Lite>`,
  ].join('')

/** A radio station: speakers want its address with a scheme of their own. */
export const stationItem = ({ uri, title }: { readonly uri: string; readonly title: string }): Item => ({
  uri: uri.replace('https://', 'x-rincon-mp3radio://'),
  metadata: broadcast('R:0/0/0', title),
})

/** One sound with a title. The id is kept by the speaker, so that others can tell what it plays. */
export const soundItem = (sound: { readonly uri: string; readonly title: string; readonly id: string }): Item => ({
  uri: sound.uri,
  metadata: broadcast(sound.id, sound.title),
})

const broadcast = (id: string, title: string): string =>
  didl({ id, parent: 'R:0/0', title, upnpClass: 'object.item.audioItem.audioBroadcast', service: 'SA_RINCON65031_' })

/** A playlist of Apple Music (service 204), by the id at the end of its share link. */
export const applePlaylistItem = (playlist: string): Item => {
  const id = `1006206cplaylist%3a${playlist}`
  return {
    uri: `x-rincon-cpcontainer:${id}`,
    metadata: didl({
      id,
      parent: '-1',
      title: '',
      upnpClass: 'object.container.playlistContainer',
      service: 'SA_RINCON52231_X_#Svc52231-0-Token',
    }),
  }
}

/** The id and the title of what a description describes. */
export const describedBy = (metadata: string): { readonly id?: string; readonly title?: string } => {
  const item = descendant(parseXml(metadata), 'item')
  const [id, title] = [item?.attributes.get('id'), child(item, 'title')?.text]
  return { ...(id === undefined ? {} : { id }), ...(title === undefined ? {} : { title }) }
}

/** The tracks of a page of a queue; nothing if it is no such page. */
export const tracksIn = (page: string): readonly Track[] | undefined => {
  const root = parseXml(page)
  if (root?.name !== 'DIDL-Lite') return undefined
  return root.children
    .filter(({ name }) => name === 'item')
    .map((item) => ({
      uri: child(item, 'res')?.text ?? '',
      title: child(item, 'title')?.text ?? '',
      artist: child(item, 'creator')?.text ?? '',
      album: child(item, 'album')?.text ?? '',
    }))
}
