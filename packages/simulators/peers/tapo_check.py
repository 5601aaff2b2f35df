"""Drives simulated devices as users of the tapo library do, and prints what it saw as JSON."""
import asyncio
import json
import sys

from tapo import ApiClient


async def plug(client, address):
    device = await client.p100(address)
    seen = {"name": (await device.get_device_info()).nickname}
    for word, switch in {"on": device.on, "off": device.off}.items():
        await switch()
        seen[word] = (await device.get_device_info()).device_on
    return seen


async def strip(client, address):
    device = await client.p300(address)
    outlets = await device.get_child_device_list()
    await (await device.plug(nickname=outlets[1].nickname)).on()
    outlets = await device.get_child_device_list()
    return {"outlets": [[outlet.nickname, outlet.device_on] for outlet in outlets]}


async def seen(spec):
    client = ApiClient(spec["user"], spec["password"], timeout_s=10)
    try:
        return await (strip if spec.get("strip") else plug)(client, spec["address"])
    except Exception as error:  # what it makes of a refusal is what the test is about
        return {"error": str(error)}


async def main():
    print(json.dumps([await seen(spec) for spec in json.loads(sys.argv[1])]))


asyncio.run(main())
