"""Searches for Kasa devices as python-kasa's users do, and prints what it saw of one network as JSON."""
import asyncio
import json
import sys

from kasa import Discover

BROADCAST, PREFIX = sys.argv[1:]


async def check():
    seen = {}

    def note(raw):
        ip = raw["meta"]["ip"]
        if not ip.startswith(PREFIX):
            return
        answer = raw["discovery_response"]
        told = answer.get("result") or answer["system"]["get_sysinfo"]
        seen[ip] = [raw["meta"]["port"], told.get("device_model") or told["model"], told["mac"]]

    devices = await Discover.discover(target=BROADCAST, discovery_timeout=3, on_discovered_raw=note)
    kinds = {ip: type(device).__name__ for ip, device in devices.items() if ip.startswith(PREFIX)}
    return {"raw": seen, "devices": kinds}


print(json.dumps(asyncio.run(check())))
