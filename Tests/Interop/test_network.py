"""HTTP/2 by hypercorn, TLS by Python's ssl, redirects and refused addresses: each with its documented outcome."""
import asyncio, json, queue, ssl, subprocess, threading

import hypercorn.asyncio
import hypercorn.config
import pytest

from conftest import SECONDS


@pytest.fixture
def certificate(tmp_path):
    """`certificate(name, days)` makes one that is its own authority."""

    def make(name="127.0.0.1", days=2):
        cert, key, request = (tmp_path / f"{name}.{end}" for end in ("pem", "key", "csr"))
        kind = "IP" if name[0].isdigit() else "DNS"
        subprocess.run(["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-addext",
                        f"subjectAltName={kind}:{name}", "-keyout", key, "-out", request], check=True, capture_output=True)
        subprocess.run(["openssl", "x509", "-req", "-in", request, "-signkey", key, "-days", str(days), "-copy_extensions",
                        "copy", "-out", cert], check=True, capture_output=True)
        return cert, key

    return make


def context(pair, newest=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*pair)
    if newest:
        made.maximum_version = newest
    return made


def api_url(api, host):
    return f"https://{host}:{api.port}/orders"


@pytest.fixture
def hypercorn_api(certificate):
    """An API on hypercorn: its URL, its certificate, and what it was asked as (HTTP version, method, path, body)."""
    cert, key = certificate("localhost")
    requests = queue.Queue()

    async def application(scope, receive, send):
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        requests.put((scope["http_version"], scope["method"], scope["path"], body))
        status = 422 if b"refuse" in body else 204
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"no such customer" if status == 422 else b""})

    loop, ready = asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()
    config = hypercorn.config.Config()
    config.certfile, config.keyfile, config.loglevel = str(cert), str(key), "ERROR"
    config.bind, config.h2_max_concurrent_streams = ["127.0.0.1:0"], 16
    sockets = config.create_sockets()
    config.create_sockets = lambda: sockets
    port = sockets.secure_sockets[0].getsockname()[1]

    async def serve():
        ready.set()
        await hypercorn.asyncio.serve(application, config, shutdown_trigger=stop.wait)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(SECONDS)
    yield f"https://localhost:{port}", cert, requests
    loop.call_soon_threadsafe(stop.set)
    thread.join(SECONDS)


@pytest.mark.parametrize("http2, version", [(True, "2"), (False, "1.1")])
def test_http2_where_it_is_wanted(bridge, hypercorn_api, http2, version):
    url, cert, requests = hypercorn_api
    destination = {"url": url + "/orders", "method": "PUT", "tls": {"ca": str(cert)}, "http2": http2}
    with bridge(destinations={"crm": destination}) as b:
        for id in range(200):
            b.publish({"id": id, "pad": "x" * 3_000}, key=str(id))
        seen = [requests.get(timeout=SECONDS) for _ in range(200)]
    assert {one[0] for one in seen} == {version} and {one[1] for one in seen} == {"PUT"}
    assert {one[2] for one in seen} == {"/orders"}
    assert sorted(json.loads(one[3])["id"] for one in seen) == list(range(200))


def test_http2_refusals_and_big_values(bridge, hypercorn_api):
    url, cert, requests = hypercorn_api
    with bridge(destinations={"crm": {"url": url + "/orders", "tls": {"ca": str(cert)}, "http2": True}}) as b:
        b.publish({"id": "refuse"})
        b.publish({"id": "x" * (4 << 20)})
        ((headers, _),) = b.letters(1)
        bodies = [requests.get(timeout=SECONDS)[3] for _ in range(2)]
    assert headers["topictee.dlq.status"] == "422" and headers["topictee.dlq.response"] == "no such customer"
    assert max(len(body) for body in bodies) > 4 << 20


def test_a_redirect_is_refused_and_says_where_it_leads(bridge, server):
    other = server()
    api = server(lambda request: (307, {"location": other.url + "/there?token=s3cret&a=1"}, b""))
    with bridge(destinations={"crm": {"url": api.url + "/orders"}}) as b:
        b.publish({"id": 1})
        ((headers, _),) = b.letters(1)
        assert "s3cret" not in b.log
    assert headers["topictee.dlq.reason"] == "rejected" and headers["topictee.dlq.status"] == "307"
    assert headers["topictee.dlq.error"] == (
        f"the API answered 307, Location: {other.url}/there?token=***&a=*** (no redirect is followed)")
    assert other.requests.empty()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]"])
def test_a_refused_address_is_unsafe(bridge, server, host):
    api = server()
    destination = {"url": f"http://{host}:{api.port}/orders", "allow_private_addresses": False}
    with bridge(destinations={"crm": destination}) as b:
        b.publish({"id": 1})
        ((headers, value),) = b.letters(1)
    assert headers["topictee.dlq.reason"] == "unsafe" and value == b'{"id": 1}'
    assert "private address" in headers["topictee.dlq.error"] and api.requests.empty()


@pytest.mark.parametrize("name, days, tls, why", [
    ("127.0.0.1", -1, True, "certificate has expired"),
    ("other.example", 2, True, "the certificate is not for 127.0.0.1"),
    ("127.0.0.1", 2, False, "self-signed certificate"),
])
def test_a_bad_certificate_is_an_outage_with_its_reason(bridge, server, certificate, name, days, tls, why):
    pair = certificate(name, days)
    api = server(tls=context(pair))
    destination = {"url": api_url(api, "127.0.0.1"), "retry": {"max_age": "300ms", "backoff": "10ms..50ms"},
                   **({"tls": {"ca": str(pair[0])}} if tls else {})}
    with bridge(destinations={"crm": destination}) as b:
        b.publish({"id": 1})
        ((headers, _),) = b.letters(1)
    assert headers["topictee.dlq.reason"] == "expired" and why in headers["topictee.dlq.error"]
    assert api.requests.empty()


def test_server_name_and_oldest_version(bridge, server, certificate):
    pair = certificate("other.example")
    tls = {"ca": str(pair[0]), "server_name": "other.example"}
    new, old = server(tls=context(pair)), server(tls=context(pair, ssl.TLSVersion.TLSv1_2))
    retry = {"max_age": "300ms", "backoff": "10ms..50ms"}
    with bridge(destinations={
        "named": {"url": api_url(new, "127.0.0.1"), "tls": tls},
        "old": {"url": api_url(old, "127.0.0.1"), "tls": tls},
        "refused": {"url": api_url(old, "127.0.0.1"), "tls": {**tls, "min_version": "1.3"}, "retry": retry},
    }) as b:
        b.publish({"id": 1})
        new.take(), old.take()
        ((headers, _),) = b.letters(1)
    assert headers["topictee.dlq.destination"] == "refused"
    assert "protocol version" in headers["topictee.dlq.error"]


def test_verify_false_is_said_at_every_start(bridge, server, certificate):
    api = server(tls=context(certificate("other.example")))
    for _ in range(2):
        with bridge(destinations={"crm": {"url": api_url(api, "127.0.0.1"), "tls": {"verify": False}}}) as b:
            b.publish({"id": 1})
            api.take()
        (line,) = [line for line in b.lines if "tls.verify" in line]
        assert "crm" in line and "WARN" in line.upper() and f"127.0.0.1:{api.port}" in line
