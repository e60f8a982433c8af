"""The least that a step in Python does: import what it depends on, and make one GET.

Run with the directories to import from as arguments; `INPUT_API_URL` is where the request goes.
"""

import os
import ssl
import sys

sys.path[:0] = sys.argv[1:]

import anyio  # noqa: E402 - found on the path above
import httpx  # noqa: E402
from pydantic import BaseModel, SecretStr  # noqa: E402, F401


async def main() -> None:
    # Certificates take time to load, and the step does not load them for plain HTTP either.
    async with httpx.AsyncClient(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)) as client:
        await client.get(os.environ["INPUT_API_URL"])


anyio.run(main)
