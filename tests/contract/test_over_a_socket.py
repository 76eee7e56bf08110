"""What only a real connection shows: bodies that do not end, hang-ups, and what is no HTTP."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx

from tests.checkout.steps import assert_refused
from tests.contract.served import ServedCity

CHUNK = b"x" * 64 * 1024


def ten_megabytes() -> Iterator[bytes]:
    yield b'{"order_no": "'
    for _ in range(160):
        yield CHUNK


def posted(served: ServedCity, content: bytes | Iterator[bytes]) -> httpx.Response:
    headers = {**served.key_of("merchant"), "Content-Type": "application/json"}
    return httpx.post(f"{served.url}/v1/checkouts", content=content, headers=headers)


def test_ten_megabytes_are_refused_whether_announced_or_not(served: ServedCity) -> None:
    assert_refused(posted(served, b"".join(ten_megabytes())), 413, "body_too_large")
    # the connection may be closed before the whole body is written
    with suppress(httpx.WriteError):
        assert_refused(posted(served, ten_megabytes()), 413, "body_too_large")


def test_a_till_that_hangs_up_in_the_middle_harms_nobody(served: ServedCity) -> None:
    key = served.key_of("merchant")["Authorization"]
    head = f"POST /v1/checkouts HTTP/1.1\r\nHost: till\r\nAuthorization: {key}\r\nContent-Length: 500\r\n\r\n"
    for _ in range(5):
        with socket.create_connection(served.socket.getsockname()) as till:
            till.sendall(head.encode() + b'{"order_no": ')

    basket = json.dumps(served.city.basket()).encode()
    assert posted(served, basket).status_code == 201


def test_what_is_no_http_is_refused_and_the_service_goes_on(served: ServedCity) -> None:
    for noise in (b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"POST / HTTP/9.9\r\n\r\n", b"\x00" * 2_000):
        with socket.create_connection(served.socket.getsockname()) as till:
            till.settimeout(2)
            till.sendall(noise)
            answer = till.recv(1_000)
            assert answer.startswith(b"HTTP/1.1 400"), noise
    began = time.monotonic()
    assert httpx.get(f"{served.url}/livez").status_code == 200
    assert time.monotonic() - began < 1
