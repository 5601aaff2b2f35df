import type { Group, Member } from '../player.ts'
import { child, type Element, parseXml } from './xml.ts'

/** The groups of a household; nothing if this tells of none. Speakers that others hide (of a pair, or a subwoofer) are left out. */
export const groupsIn = (state: string): readonly Group[] | undefined => {
  const root = parseXml(state)
  const groups = root?.name === 'ZoneGroups' ? root : child(root, 'ZoneGroups')
  return groups?.children.flatMap((group) => {
    const members = group.children.filter(({ attributes }) => attributes.get('Invisible') !== '1').flatMap(memberOf)
    const coordinator = members.find(({ uid }) => uid === group.attributes.get('Coordinator'))
    return coordinator === undefined ? [] : [{ coordinator, members }]
  })
}

const memberOf = ({ name, attributes }: Element): Member[] => {
  const uid = attributes.get('UUID')
  const location = URL.parse(attributes.get('Location') ?? '')
  if (name !== 'ZoneGroupMember' || uid === undefined || location === null || location.hostname === '') return []
  const port = location.port === '' ? 1400 : Number(location.port)
  return [{ uid, name: attributes.get('ZoneName') ?? uid, host: location.hostname, port }]
}
