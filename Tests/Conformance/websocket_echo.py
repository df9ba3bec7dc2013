"""WebSockets with a real server and a real client (PyPI `websockets`), for the tests of the router.

server PORT        prints `ready PORT` and echoes every message; `slow N` is answered after N seconds
client HOST:PORT   exits 0 when every case went well, and prints a line for each
linger HOST:PORT   connects, prints `open`, echoes once a second, prints how the connection ended
"""

import asyncio
import sys

import websockets
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve


async def echo(connection):
    async for message in connection:
        if isinstance(message, str) and message.startswith("slow "):
            await asyncio.sleep(float(message[5:]))
        await connection.send(message)


async def server(port):
    async with serve(echo, "127.0.0.1", port, max_size=4 << 20, subprotocols=["chat"]) as served:
        print("ready", served.sockets[0].getsockname()[1], flush=True)
        await served.serve_forever()


async def client(address):
    url = f"ws://{address}/chat?room=1"
    async with connect(url, max_size=4 << 20, subprotocols=["chat"]) as connection:
        assert connection.subprotocol == "chat"
        await connection.send("hello")
        assert await connection.recv() == "hello"
        print("text", flush=True)
        large = bytes(range(256)) * 4096
        await connection.send(large)
        assert await connection.recv() == large
        print("a mebibyte of bytes", flush=True)
        for number in range(200):
            await connection.send(str(number))
        for number in range(200):
            assert await connection.recv() == str(number)
        print("200 messages in order", flush=True)
        waited = await (await connection.ping())
        assert waited >= 0
        print("ping", flush=True)
        await connection.close(4001, "enough")
        assert connection.close_code == 4001
        print("close", flush=True)
    everyone = [connect(url, subprotocols=["chat"]) for _ in range(50)]
    opened = await asyncio.gather(*everyone)
    for number, connection in enumerate(opened):
        await connection.send(f"person {number}")
    for number, connection in enumerate(opened):
        assert await connection.recv() == f"person {number}"
    await asyncio.gather(*(connection.close() for connection in opened))
    print("50 at once", flush=True)


async def linger(address):
    count = 0
    async with connect(f"ws://{address}/chat", subprotocols=["chat"]) as connection:
        print("open", flush=True)
        try:
            while True:
                await connection.send(str(count))
                assert await connection.recv() == str(count)
                count += 1
                await asyncio.sleep(0.2)
        except websockets.ConnectionClosed as ended:
            print("ended after", count, "messages:", ended.code, flush=True)


if __name__ == "__main__":
    mode, where = sys.argv[1:3]
    asyncio.run(server(int(where)) if mode == "server" else client(where) if mode == "client" else linger(where))
