"""Drives a simulated Wemo as pywemo's users do, and prints what it saw as JSON."""
import json
import sys

import pywemo

device = pywemo.discovery.device_from_description(sys.argv[1])
seen = {"name": device.name, "model": device.model_name, "before": device.get_state(True)}
device.on()
seen["on"] = device.get_state(True)
device.off()
seen["off"] = device.get_state(True)
device.toggle()
seen["toggled"] = device.get_state(True)
print(json.dumps(seen))
