"""Hostile records, APIs and files: each has its documented outcome, and nothing is lost."""
import json, socket, threading

import pytest

from conftest import SECONDS

TEMPLATES = {
    "path": {"url": "/orders/${value.id}"},
    "query": {"query": {"id": "${value.id}"}},
    "header": {"headers": {"X-Region": "${headers.region}"}},
    "json": {"body": {"json": {"id": "${value.id}", "region": "${headers.region | default(\"eu\")}"}}},
    "default": {"body": {"json": {"id": "${value.id | default(\"none\")}"}}},
}


def destination(api, name, **more):
    settings = {"base_url": api.url, "url": "/orders", **TEMPLATES[name], **more}
    return {"crm": settings}


@pytest.mark.parametrize("name, value, headers", [
    ("json", b"not JSON", None),
    ("json", b'{"id": 1} trailing', None),
    ("json", b'{"other": 1}', None),
    ("json", None, None),
    ("json", b'{"id": "\xff"}', None),
    ("json", b'{"id": 1}', [("region", b"\xff\xfe")]),
    ("header", b"{}", None),
    ("header", b"{}", [("region", b"eu\r\nX-Admin: 1")]),
    ("header", b"{}", [("region", b"eu\nX-Admin: 1")]),
    ("header", b"{}", [("region", b"e\0u")]),
    ("path", b'{"id": ".."}', None),
    ("path", b'{"id": "."}', None),
    ("path", b'{"id": ""}', None),
    ("path", b'{"id": {"a": 1}}', None),
    ("path", b'{"other": 1}', None),
    ("query", b'{"other": 1}', None),
])
def test_no_request_can_be_made_of_it(bridge, server, name, value, headers):
    api = server()
    with bridge(destinations=destination(api, name)) as b:
        b.publish(value, key=b"k", headers=headers)
        b.publish({"id": 2}, key=b"k", headers=[("region", b"eu")])
        ((letter, kept),) = b.letters(1)
        (request,) = api.take()
    assert kept == value and letter["topictee.dlq.reason"] == "template" and letter["topictee.dlq.attempts"] == "0"
    assert letter["topictee.dlq.error"]


@pytest.mark.parametrize("name, value, path, body", [
    ("path", b'{"id": "a/b?c#d e\\u00e9"}', "/orders/a%2Fb%3Fc%23d%20e%C3%A9", None),
    ("path", b'{"id": 12345678901234567890}', "/orders/12345678901234567890", None),
    ("query", b'{"id": "a&b=c"}', "/orders?id=a%26b%3Dc", None),
    ("json", b'{"id": 12345678901234567890}', "/orders", b'{"id":12345678901234567890,"region":"eu"}'),
    ("json", b'{"id": 1e400}', "/orders", b'{"id":1e400,"region":"eu"}'),
    ("json", b'{"id": {"z": 1, "a": [1.0, null]}}', "/orders", None),
    ("default", b'{"other": 1}', "/orders", b'{"id":"none"}'),
    ("default", b'{"id": null}', "/orders", b'{"id":"none"}'),
])
def test_what_is_odd_but_fine_arrives_as_it_is(bridge, server, name, value, path, body):
    api = server()
    with bridge(destinations=destination(api, name)) as b:
        b.publish(value)
        (request,) = api.take()
    assert request.path == path
    if body:
        assert request.body == body


def test_a_value_of_5_mib(bridge, server):
    api = server()
    value = json.dumps({"id": "x" * (5 << 20)}).encode()
    with bridge(destinations={**destination(api, "json"), "raw": {"url": api.url}}) as b:
        b.publish(value)
        requests = api.take(2)
    assert sorted(len(r.body) for r in requests) == sorted([len(value), (5 << 20) + len('{"id":"","region":"eu"}')])


def test_a_token_server_that_is_down_is_an_outage_and_then_all_arrive(bridge, server):
    api, other = server(), server()
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    oauth2 = {"token_url": f"http://127.0.0.1:{port}/token", "client_id": "bridge", "client_secret": {"env": "SECRET"}}
    destinations = {"crm": {"url": api.url, "auth": {"oauth2": oauth2}, "retry": {"backoff": "10ms..200ms"},
                            "breaker": {"for": "200ms"}}, "erp": {"url": other.url}}
    with bridge(destinations=destinations, environment={"SECRET": "s"}) as b:
        for id in range(30):
            b.publish({"id": id}, key=str(id).encode())
        other.take(30)
        assert api.requests.empty()
        start_token_server(port)
        requests = api.take(30)
    assert {r.headers["authorization"] for r in requests} == {"Bearer t0ken"}


def start_token_server(port):
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            body = b'{"access_token": "t0ken", "token_type": "Bearer", "expires_in": 3600}'
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    threading.Thread(target=ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever, daemon=True).start()


def test_a_response_of_1_gib_is_not_read_to_its_end(bridge):
    listener = socket.create_server(("127.0.0.1", 0))
    sent = []

    def serve():
        connection, _ = listener.accept()
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        total = 0
        try:
            while total < 1 << 30:
                total += connection.send(b"x" * 65536)
        except OSError:
            pass
        sent.append(total)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with bridge(destinations={"crm": {"url": f"http://127.0.0.1:{listener.getsockname()[1]}"}}) as b:
        b.publish({"id": 1})
        thread.join(SECONDS)
    assert sent and sent[0] < 64 << 20


def test_a_json_response_that_is_none(bridge, server):
    api = server(lambda request: (200, {"content-type": "application/json"}, b"<html>sorry</html>"))
    # The body is a string then, and a string has no status: the rule itself fails.
    response = {"refuse_when": '.body.status == "error"'}
    crm = {"url": api.url, "response": response, "retry": {"attempts": 2, "backoff": "10ms..20ms"}}
    healthy = {"url": server().url}
    with bridge(destinations={"crm": crm, "erp": healthy}) as b:
        b.publish({"id": 1})
        ((letter, value),) = b.letters(1)
    assert letter["topictee.dlq.destination"] == "crm" and letter["topictee.dlq.reason"] == "success_rule"
    assert len(api.take(2)) == 2 and letter["topictee.dlq.response"].startswith("<html>")
