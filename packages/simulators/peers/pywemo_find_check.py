"""Searches for Wemo devices in the network of this machine alone as pywemo's users do, and prints what it saw as JSON."""
import json
import sys

import pywemo.ssdp

pywemo.ssdp.interface_addresses = lambda: ["127.0.0.1"]
found = [entry for entry in pywemo.ssdp.scan(timeout=5) if f"//{sys.argv[1]}" in entry.location]
print(json.dumps([entry.udn for entry in found]))
