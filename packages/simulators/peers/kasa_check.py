"""Drives simulated Kasa devices as python-kasa's users do, and prints what it saw as JSON."""
import asyncio
import json
import sys

from kasa import Credentials, Device, DeviceConfig
from kasa.deviceconfig import DeviceConnectionParameters, DeviceEncryptionType, DeviceFamily
from kasa.protocols import SmartProtocol
from kasa.transports import KlapTransportV2


def config(spec):
    encryption = DeviceEncryptionType.Klap if spec["wire"] == "klap" else DeviceEncryptionType.Xor
    family = DeviceFamily.SmartTapoPlug if spec.get("speech") == "smart" else DeviceFamily.IotSmartPlugSwitch
    return DeviceConfig(
        host=spec["host"],
        port_override=spec["port"],
        timeout=10,
        credentials=Credentials(spec.get("user", ""), spec.get("password", "")),
        connection_type=DeviceConnectionParameters(family, encryption, spec.get("version")),
    )


async def whole(spec):
    device = await Device.connect(config=config(spec))
    await device.update()
    seen = {"alias": device.alias, "model": device.model, "before": device.is_on}
    await device.turn_on()
    await device.update()
    seen["on"] = device.is_on
    if device.children:
        second = device.children[1]
        await second.turn_off()
        await device.update()
        seen["outlets"] = [[outlet.alias, outlet.is_on] for outlet in device.children]
    await device.turn_off()
    await device.update()
    seen["off"] = device.is_on
    await device.disconnect()
    return seen


async def wire(spec):
    """Newer devices, asked by the protocol alone: their model of a device wants dozens of modules."""
    protocol = SmartProtocol(transport=KlapTransportV2(config=config(spec)))
    seen = {}
    for on in [True, False]:
        await protocol.query({"set_device_info": {"device_on": on}})
        info = (await protocol.query({"get_device_info": None}))["get_device_info"]
        seen["on" if on else "off"] = info["device_on"]
    await protocol.close()
    return seen


async def seen(spec):
    try:
        return await (wire if spec.get("speech") == "smart" else whole)(spec)
    except Exception as error:  # what it makes of a refusal is what the test is about
        return {"error": type(error).__name__}


async def main():
    print(json.dumps([await seen(spec) for spec in json.loads(sys.argv[1])]))


asyncio.run(main())
