import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, type Place, type Simulator, slowMilliseconds } from './fault.ts'
import { createDoor, dribble } from './server.ts'

const usualPort = 49_153
const otherPort = 49_154

const setup = (name: string): string => `<?xml version="1.0"?>
<root xmlns="urn:Belkin:device-1-0"><specVersion><major>1</major><minor>0</minor></specVersion><device>
<deviceType>urn:Belkin:device:controllee:1</deviceType><friendlyName>${escape(name)}</friendlyName>
<manufacturer>Belkin International Inc.</manufacturer><manufacturerURL>http://www.belkin.com</manufacturerURL>
<modelDescription>Belkin Plugin Socket 1.0</modelDescription><modelName>Socket</modelName><modelNumber>1.0</modelNumber>
<modelURL>http://www.belkin.com/plugin/</modelURL><serialNumber>221517K0101769</serialNumber>
<UDN>uuid:Socket-1_0-221517K0101769</UDN><UPC>123456789</UPC><macAddress>EC1A59000001</macAddress>
<firmwareVersion>WeMo_WW_2.00.11420.PVT-OWRT-SNS</firmwareVersion><iconVersion>0|49153</iconVersion><binaryState>0</binaryState>
<serviceList><service><serviceType>urn:Belkin:service:basicevent:1</serviceType>
<serviceId>urn:Belkin:serviceId:basicevent1</serviceId><controlURL>/upnp/control/basicevent1</controlURL>
<eventSubURL>/upnp/event/basicevent1</eventSubURL><SCPDURL>/eventservice.xml</SCPDURL></service></serviceList>
</device></root>`

const argument = (direction: 'in' | 'out'): string =>
  `<argumentList><argument><retval/><name>BinaryState</name><relatedStateVariable>BinaryState</relatedStateVariable><direction>${direction}</direction></argument></argumentList>`

const eventService = `<?xml version="1.0"?>
<scpd xmlns="urn:Belkin:service-1-0"><specVersion><major>1</major><minor>0</minor></specVersion><actionList>
<action><name>SetBinaryState</name>${argument('in')}</action>
<action><name>GetBinaryState</name>${argument('out')}</action></actionList><serviceStateTable>
<stateVariable sendEvents="yes"><name>BinaryState</name><dataType>Boolean</dataType><defaultValue>0</defaultValue></stateVariable>
</serviceStateTable></scpd>`

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const soap = (
  action: string,
  state: string,
): string => `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>
<u:${action}Response xmlns:u="urn:Belkin:service:basicevent:1">
<BinaryState>${state}</BinaryState>
</u:${action}Response>
</s:Body> </s:Envelope>`

/** A Wemo socket: SOAP over HTTP, `Error` when asked for the state that it has. */
export const startWemo = async ({ name, host, port = usualPort }: Place): Promise<Simulator> => {
  let on = false
  let fault: Fault = 'none'
  let calls = 0

  const act = (action: string, body: string): string => {
    if (action === 'GetBinaryState') return soap(action, on ? '1' : '0')
    const wanted = /<BinaryState>\s*([01])/u.exec(body)?.[1] === '1'
    if (fault === 'error' || wanted === on) return soap(action, 'Error')
    if (fault !== 'stuck') on = wanted
    return soap(action, wanted ? '1' : '0')
  }

  const xml = (response: ServerResponse, body: string): void => {
    response.writeHead(200, { 'Content-Type': 'text/xml; charset="utf-8"', 'Content-Length': Buffer.byteLength(body) })
    response.end(body)
  }

  const control = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    calls += 1
    const body = await bodyOf(request)
    const action = /#(\w+)"?$/u.exec(String(request.headers.soapaction))?.[1] ?? ''
    if (fault === 'silent') return
    if (fault === 'slow') await sleep(slowMilliseconds)
    if (fault === 'garbage') return xml(response, '<html>what?</html>')
    if (fault === 'huge') return xml(response, 'x'.repeat(1024 * 1024))
    if (action !== 'SetBinaryState' && action !== 'GetBinaryState') return void response.writeHead(500).end()
    const answer = act(action, body)
    if (fault === 'dribble') {
      response.writeHead(200, { 'Content-Length': 10_000 }).flushHeaders()
      dribble(request.socket, Buffer.from(answer))
    } else if (fault === 'vanish') {
      response.writeHead(200, { 'Content-Length': 10_000 }).write(answer.slice(0, 100), () => response.destroy())
    } else xml(response, answer)
  }

  const http = createServer((request, response) => {
    if (request.url === '/setup.xml') xml(response, setup(name))
    else if (request.url === '/eventservice.xml') xml(response, eventService)
    else if (request.url === '/upnp/control/basicevent1' && request.method === 'POST') {
      control(request, response).catch(() => response.destroy())
    } else response.writeHead(404).end()
  })
  const door = createDoor(host, (socket) => http.emit('connection', socket))
  const portNow = (): number => (fault === 'moved' ? otherPort : port)
  await door.open(port)
  return {
    state: () => ({ kind: 'wemo', name, on, port: portNow(), fault, calls }),
    setOn: (next) => {
      on = next
    },
    setFault: async (next) => {
      fault = next
      await (next === 'refuse' ? door.shut() : door.open(portNow()))
    },
    stop: door.shut,
  }
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
