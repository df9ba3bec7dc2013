"""Many connections that mostly do nothing: idle_connections.py HOST:PORT COUNT

Opens COUNT connections, asks once on every twentieth, waits two seconds, asks on every hundredth again, and checks that
none was closed. Prints `open COUNT` in between, and exits 0 when all was well.
"""

import resource
import select
import socket
import sys
import time

REQUEST = b"GET /page HTTP/1.1\r\nHost: site.test\r\n\r\n"


def answer(connection):
    connection.sendall(REQUEST)
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        assert part, "closed without an answer"
        data += part
    head, body = data.split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 200"), head
    length = int([line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")][0])
    while len(body) < length:
        body += connection.recv(65536)


def main(address, count):
    host, port = address.split(":")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    connections = []
    for number in range(count):
        connection = socket.create_connection((host, int(port)), timeout=60)
        if number % 20 == 0:
            answer(connection)
        connections.append(connection)
    print("open", len(connections), flush=True)
    time.sleep(2)
    began = time.monotonic()
    for connection in connections[::100]:
        answer(connection)
    print("answered in", round(time.monotonic() - began, 2), "s", flush=True)
    watch = select.poll()
    for connection in connections:
        watch.register(connection, select.POLLIN)
    closed = watch.poll(0)
    assert not closed, f"{len(closed)} connections were closed"


main(sys.argv[1], int(sys.argv[2]))
