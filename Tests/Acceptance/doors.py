"""Sockets that bring a token, and what becomes of them."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus


def bearer(token: str) -> dict:
    return {"Authorization": f"Bearer {token}"}


async def join(url: str, headers=None, subprotocols=("hearth.v1",), **fields):
    """Opens a socket and says join; the socket and the first answer."""
    socket = await connect(url, subprotocols=list(subprotocols), additional_headers=headers, proxy=None)
    await socket.send(json.dumps({"type": "join", **fields}))
    return socket, json.loads(await socket.recv())


async def closed(socket) -> tuple[int, list[dict]]:
    """The code with which a socket is closed, and what came before."""
    messages = []
    try:
        async with asyncio.timeout(15):
            async for text in socket:
                messages.append(json.loads(text))
    except ConnectionClosed:
        pass
    return socket.close_code, messages


async def refused(url: str, headers=None, subprotocols=("hearth.v1",)) -> tuple[int, dict]:
    """The status with which an upgrade is refused, and the error."""
    with pytest.raises(InvalidStatus) as caught:
        await connect(url, subprotocols=list(subprotocols), additional_headers=headers, proxy=None)
    return caught.value.response.status_code, json.loads(caught.value.response.body)["error"]
