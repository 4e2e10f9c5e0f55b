"""Makes mutated responses from a seed, and writes those on which h11 and httptools (llhttp) agree.

    pip install h11 httptools; python3 differential.py SEED COUNT > corpus.txt

One line per response: `accept STATUS BODY-HEX TEXT-HEX` (both read it to its end alike) or `refuse - - TEXT-HEX` (both
refuse it). DifferentialTests reads the committed corpus: it must refuse what both refuse, and must not read another
status or body where it accepts what both accept.
"""
import random
import sys

import h11
import httptools

SEEDS = [
    b"HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n2;x=y\r\n!!\r\n0\r\nA: b\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 1\r\n\r\n!",
    b"HTTP/1.1 404 No\r\nContent-Type: a/b\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno",
]
SPICE = [b"\r", b"\n", b"\r\n", b":", b" ", b"\t", b"\0", b",", b";", b"0", b"5", b"f", b"chunked", b"Content-Length: 5\r\n",
         b"Transfer-Encoding: chunked\r\n", b"\x7f", b"\xff"]


def with_h11(text):
    peer = h11.Connection(h11.CLIENT)
    peer.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    peer.send(h11.EndOfMessage())
    status, body = None, b""
    try:
        peer.receive_data(text)
        while True:
            event = peer.next_event()
            if event is h11.NEED_DATA:
                return "more"
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return status, body
            elif event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                return "more"
    except h11.RemoteProtocolError:
        return "refuse"


class Heard:
    def __init__(self):
        self.body, self.result, self.parser = b"", None, None

    def on_message_begin(self):
        self.body = b""

    def on_body(self, part):
        self.body += part

    def on_message_complete(self):
        status = self.parser.get_status_code()
        if self.result is None and status >= 200:
            self.result = (status, self.body)


def with_httptools(text):
    heard = Heard()
    heard.parser = httptools.HttpResponseParser(heard)
    try:
        heard.parser.feed_data(text)
    except httptools.HttpParserError:
        return heard.result or "refuse"
    return heard.result or "more"


def main(seed, count):
    rng = random.Random(seed)
    seen = set()
    while len(seen) < count:
        text = bytearray(rng.choice(SEEDS))
        for _ in range(rng.randint(0, 3)):
            at = rng.randrange(len(text) + 1)
            text[at:at + rng.randint(0, 2)] = rng.choice(SPICE) if rng.random() < 0.8 else b""
        text = bytes(text)
        one, other = with_h11(text), with_httptools(text)
        if text in seen or one != other or one == "more":
            continue
        seen.add(text)
        if one == "refuse":
            print("refuse - -", text.hex())
        else:
            print("accept", one[0], one[1].hex() or "-", text.hex())


main(int(sys.argv[1]), int(sys.argv[2]))
