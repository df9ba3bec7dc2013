"""Many connections that each get one answer and then stay open."""

import resource
import socket

import backend

# Each address of the loopback range has its own source ports.
PER_ADDRESS = 250
REQUEST = f"GET / HTTP/1.1\r\nHost: {backend.HOST}\r\n\r\n".encode()
ANSWER_SECONDS = 5


def open_connections(port, count):
    """Answers the connections that were accepted and answered; those refused are missing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    held = []
    for number in range(count):
        source = f"127.0.1.{1 + number // PER_ADDRESS}"
        one = socket.socket()
        one.settimeout(ANSWER_SECONDS)
        try:
            one.bind((source, 0))
            one.connect(("127.0.0.1", port))
            one.sendall(REQUEST)
            answered = one.recv(4096).startswith(b"HTTP/1.1 200")
        except OSError:
            answered = False
        if answered:
            held.append(one)
        else:
            one.close()
    return held


def close_all(held):
    """Closes them and answers how many the proxy had kept open."""
    alive = 0
    for one in held:
        one.setblocking(False)
        try:
            alive += one.recv(1) != b""
        except BlockingIOError:
            alive += 1
        except OSError:
            pass
        one.close()
    return alive
