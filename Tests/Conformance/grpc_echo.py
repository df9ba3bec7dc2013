#!/usr/bin/env python3
"""A real gRPC server and client (PyPI `grpcio`), to be put behind and before the router.

    grpc_echo.py server PORT        serves until it is killed; prints `ready PORT` (PORT 0: one that is free)
    grpc_echo.py client HOST:PORT   runs all cases; prints `ok NAME` or `FAILED NAME: why` for each; exit status 0 when
                                    all are well, else 1

Messages are bytes as they are, so that no generated code is needed.
"""

import concurrent.futures
import sys
import threading
import time
import traceback

import grpc

SERVICE = "nonevent.Echo"
MEGABYTE = 1024 * 1024
# Generous, for a busy machine; only the case `deadline` waits for its own.
PATIENCE = 60
OPTIONS = [("grpc.max_receive_message_length", 8 * MEGABYTE), ("grpc.max_send_message_length", 8 * MEGABYTE)]


# The server.


def unary(request, context):
    """Answers with the request, and with its metadata in both places."""
    sent = dict(context.invocation_metadata())
    if "x-echo" in sent:
        context.send_initial_metadata((("x-initial", sent["x-echo"]),))
        context.set_trailing_metadata((("x-trailing", sent["x-echo"]), ("x-bytes-bin", sent["x-bytes-bin"])))
    return request


def failing(request, context):
    context.set_trailing_metadata((("x-reason-bin", b"\x00\xff"),))
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "no: " + request.decode())


def broken(request, context):
    context.abort(grpc.StatusCode.UNAVAILABLE, "out of order")


def slow(request, context):
    ended = threading.Event()
    context.add_callback(ended.set)
    ended.wait(PATIENCE)
    return request


def server_stream(request, context):
    for index in range(int(request)):
        yield b"%d" % index


def failing_stream(request, context):
    """Answers in part, and then fails: the status comes behind the body."""
    yield b"first"
    context.abort(grpc.StatusCode.DATA_LOSS, "the rest is gone")


def client_stream(requests, context):
    count = size = 0
    for request in requests:
        count, size = count + 1, size + len(request)
    return b"%d %d" % (count, size)


def bidirectional(requests, context):
    for request in requests:
        yield request[::-1]


def serve(port):
    handlers = {
        "Unary": grpc.unary_unary_rpc_method_handler(unary),
        "Failing": grpc.unary_unary_rpc_method_handler(failing),
        "Broken": grpc.unary_unary_rpc_method_handler(broken),
        "Slow": grpc.unary_unary_rpc_method_handler(slow),
        "ServerStream": grpc.unary_stream_rpc_method_handler(server_stream),
        "FailingStream": grpc.unary_stream_rpc_method_handler(failing_stream),
        "ClientStream": grpc.stream_unary_rpc_method_handler(client_stream),
        "Bidirectional": grpc.stream_stream_rpc_method_handler(bidirectional),
    }
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=16), options=OPTIONS)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    bound = server.add_insecure_port("127.0.0.1:%d" % port)
    server.start()
    print("ready %d" % bound, flush=True)
    server.wait_for_termination()


# The client.


def path(method):
    return "/%s/%s" % (SERVICE, method)


def expect(found, wanted):
    if found != wanted:
        raise AssertionError("expected %r, found %r" % (wanted, found))


def expect_failure(call, code, details):
    try:
        call()
    except grpc.RpcError as error:
        expect((error.code(), error.details()), (code, details))
        return error
    raise AssertionError("expected %s, found an answer" % code)


def case_unary(channel):
    expect(channel.unary_unary(path("Unary"))(b"hello", timeout=PATIENCE), b"hello")


def case_empty_message(channel):
    expect(channel.unary_unary(path("Unary"))(b"", timeout=PATIENCE), b"")


def case_large_message(channel):
    message = bytes(range(256)) * (MEGABYTE // 256)
    if channel.unary_unary(path("Unary"))(message, timeout=PATIENCE) != message:
        raise AssertionError("1 MB came back changed")


def case_metadata(channel):
    metadata = (("x-echo", "a, b"), ("x-bytes-bin", b"\x00\x01\xfe\xff"))
    answer, call = channel.unary_unary(path("Unary")).with_call(b"m", metadata=metadata, timeout=PATIENCE)
    expect(answer, b"m")
    expect(dict(call.initial_metadata()).get("x-initial"), "a, b")
    trailing = dict(call.trailing_metadata())
    expect((trailing.get("x-trailing"), trailing.get("x-bytes-bin")), ("a, b", b"\x00\x01\xfe\xff"))


def case_server_streaming(channel):
    answers = list(channel.unary_stream(path("ServerStream"))(b"1000", timeout=PATIENCE))
    expect(answers, [b"%d" % index for index in range(1000)])


def case_client_streaming(channel):
    requests = (b"x" * 1000 for _ in range(500))
    expect(channel.stream_unary(path("ClientStream"))(requests, timeout=PATIENCE), b"500 500000")


def case_bidirectional(channel):
    """In lockstep: each request is sent only when the one before is answered, so nothing may be kept back."""
    turn = threading.Semaphore(1)

    def requests():
        for index in range(100):
            if not turn.acquire(timeout=PATIENCE):
                return
            yield b"ab%d" % index

    count = 0
    for answer in channel.stream_stream(path("Bidirectional"))(requests(), timeout=PATIENCE):
        expect(answer, (b"ab%d" % count)[::-1])
        count += 1
        turn.release()
    expect(count, 100)


def case_error_status(channel):
    error = expect_failure(
        lambda: channel.unary_unary(path("Failing"))("zu spät".encode(), timeout=PATIENCE),
        grpc.StatusCode.FAILED_PRECONDITION,
        "no: zu spät",
    )
    expect(dict(error.trailing_metadata()).get("x-reason-bin"), b"\x00\xff")


def case_server_failure(channel):
    expect_failure(
        lambda: channel.unary_unary(path("Broken"))(b"", timeout=PATIENCE), grpc.StatusCode.UNAVAILABLE, "out of order"
    )


def case_failure_within_stream(channel):
    answers = []
    expect_failure(
        lambda: answers.extend(channel.unary_stream(path("FailingStream"))(b"", timeout=PATIENCE)),
        grpc.StatusCode.DATA_LOSS,
        "the rest is gone",
    )
    expect(answers, [b"first"])


def case_unknown_method(channel):
    expect_failure(
        lambda: channel.unary_unary(path("Nothing"))(b"", timeout=PATIENCE),
        grpc.StatusCode.UNIMPLEMENTED,
        "Method not found!",
    )


def case_deadline(channel):
    began = time.monotonic()
    try:
        channel.unary_unary(path("Slow"))(b"", timeout=0.5)
    except grpc.RpcError as error:
        expect(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
    else:
        raise AssertionError("expected the deadline to end the call, found an answer")
    if time.monotonic() - began > PATIENCE / 2:
        raise AssertionError("the deadline came too late")


def case_cancelled(channel):
    call = channel.unary_unary(path("Slow")).future(b"", timeout=PATIENCE)
    call.cancel()
    expect(call.cancelled(), True)
    case_unary(channel)


def case_many_at_once(channel):
    method = channel.unary_unary(path("Unary"))
    calls = [method.future(b"%d" % index, timeout=PATIENCE) for index in range(200)]
    expect([call.result() for call in calls], [b"%d" % index for index in range(200)])


def run(address):
    cases = [(name[5:], case) for name, case in list(globals().items()) if name.startswith("case_")]
    failures = 0
    with grpc.insecure_channel(address, options=OPTIONS) as channel:
        for name, case in cases:
            try:
                case(channel)
                print("ok " + name, flush=True)
            except Exception as error:
                failures += 1
                why = str(error) or traceback.format_exc()
                print("FAILED %s: %s" % (name, " ".join(why.split())), flush=True)
    return 1 if failures else 0


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "server" and arguments[1].isdigit():
        return serve(int(arguments[1]))
    if len(arguments) == 2 and arguments[0] == "client":
        return run(arguments[1])
    print(__doc__, file=sys.stderr)
    return 64


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
