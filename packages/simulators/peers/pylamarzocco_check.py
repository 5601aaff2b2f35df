"""Drives a simulated La Marzocco cloud as pylamarzocco's users do, and prints what it saw as JSON.

pylamarzocco 2.x is written for Python 3.12 and uses its syntax for type parameters in three places (its generic models,
its Bluetooth client, its device classes). Where Python is older these are read in the words of before; nothing of what
it sends, signs or understands is in them.
"""
import asyncio
import dataclasses
import importlib.abc
import importlib.machinery
import json
import re
import sys
import time

OLD_WORDS = (
    "from typing import Generic as _Generic, ParamSpec as _ParamSpec, TypeVar as _TypeVar\n"
    "T = _TypeVar('T'); _R = _TypeVar('_R'); P = _ParamSpec('P')\n"
    "_BLEClientT = _TypeVar('_BLEClientT')\n"
)


class OlderLoader(importlib.machinery.SourceFileLoader):
    """Takes `class A[T](B)` for `class A(B, Generic[T])`, and `def f[T](` for `def f(`."""

    def get_data(self, path):
        data = super().get_data(path)
        if not path.endswith(".py"):
            return data
        text = data.decode()
        older = re.sub(r"^class (\w+)\[T\]\((\w+)\):", r"class \1(\2, _Generic[T]):", text, flags=re.M)
        older = re.sub(r"^def (\w+)\[[^\]]*\]\(", r"def \1(", older, flags=re.M)
        if older == text:
            return data
        future = "from __future__ import annotations\n"
        return (future + OLD_WORDS + older.replace(future, "")).encode()


class OlderFinder(importlib.abc.MetaPathFinder):
    """Finds the modules of pylamarzocco for that loader."""

    def find_spec(self, name, path, target=None):
        if not name.startswith("pylamarzocco"):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = OlderLoader(spec.loader.name, spec.loader.path)
        return spec


if sys.version_info < (3, 12):
    sys.dont_write_bytecode = True
    sys.meta_path.insert(0, OlderFinder())

import pylamarzocco.clients._cloud as cloud  # noqa: E402
from pylamarzocco.const import WidgetType  # noqa: E402
from pylamarzocco.exceptions import AuthFail, RequestNotSuccessful  # noqa: E402
from pylamarzocco.util import generate_installation_key  # noqa: E402

URL, SERIAL = sys.argv[1:]
cloud.CUSTOMER_APP_URL = URL


async def failure(work):
    try:
        return f"no failure but {await work}"
    except (AuthFail, RequestNotSuccessful) as error:
        return type(error).__name__


async def check():
    key = generate_installation_key("peer-installation")
    client = cloud.LaMarzoccoCloudClient("casa", "secret", key)
    stranger = cloud.LaMarzoccoCloudClient("casa", "wrong", key, client._client)
    seen = {"before registration": await failure(client.async_get_access_token())}
    await client.async_register_client()
    seen["wrong password"] = await failure(stranger.async_get_access_token())
    first = await client.async_get_access_token()
    seen["same token again"] = first == await client.async_get_access_token()

    async def state():
        dashboard = await client.get_thing_dashboard(SERIAL)
        status = dashboard.config[WidgetType.CM_MACHINE_STATUS]
        return [dashboard.serial_number, dashboard.connected, str(status.status), str(status.mode)]

    seen["before"] = await state()
    seen["on"] = [await client.set_power(SERIAL, True), await state()]
    seen["off"] = [await client.set_power(SERIAL, False), await state()]
    soon = dataclasses.replace(client._access_token, expires_at=time.time() + 60)
    client._access_token = soon
    seen["renewed"] = await client.async_get_access_token() not in (first, soon.refresh_token)
    seen["after renewal"] = await state()
    seen["another machine"] = await failure(client.get_thing_dashboard("MR999999"))
    key.secret = bytes(32)
    seen["another secret"] = await failure(client.get_thing_dashboard(SERIAL))
    await client._client.close()
    return seen


print(json.dumps(asyncio.run(check())))
