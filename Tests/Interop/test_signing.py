"""Signatures: Standard Webhooks by its own verifier, plain codes by Python's hmac."""
import base64, hmac, os

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

FIRST = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECOND = "whsec_" + base64.b64encode(b"another secret of 27 bytes!").decode()


def verify(secret, request):
    """The library takes text only, so that of other bodies the code is made here."""
    try:
        request.body.decode()
    except UnicodeDecodeError:
        message = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        code = "v1," + base64.b64encode(hmac.digest(key, message, "sha256")).decode()
        assert code in request.headers["webhook-signature"].split(" ")
    else:
        Webhook(secret).verify(request.body, dict(request.headers.items()), json_parse=False)


@pytest.mark.parametrize("more", [{}, {"compression": "gzip"}, {"body": {"json": {"id": "${offset}"}}}])
def test_each_of_two_secrets_verifies(bridge, server, more):
    api = server()
    values = [b'{"id": 7, "name": "Gr\xc3\xb6\xc3\x9fe"}', b"{}", b'"' + b"a" * 100_000 + b'"']
    sign = {"scheme": "standard-webhooks", "secrets": [{"env": "FIRST"}, {"env": "SECOND"}]}
    destinations = {"crm": {"url": api.url, "sign": sign, **more}}
    with bridge(destinations=destinations, environment={"FIRST": FIRST, "SECOND": SECOND}) as b:
        for value in values:
            b.publish(value)
        requests = api.take(len(values))
    for request in requests:
        verify(FIRST, request)
        verify(SECOND, request)
        assert request.headers["webhook-id"] == request.headers["idempotency-key"]
        assert "." not in request.headers["webhook-id"]
    if "compression" not in more:
        with pytest.raises(WebhookVerificationError):
            verify("whsec_" + base64.b64encode(b"nobody's").decode(), requests[0])


def test_the_id_stays_and_the_time_is_the_attempts(bridge, server):
    answers = iter([503, 503])
    api = server(lambda request: (next(answers, 204), {}, b""))
    sign = {"scheme": "standard-webhooks", "secrets": [{"env": "FIRST"}]}
    retry = {"backoff": "1500ms..1500ms"}
    with bridge(destinations={"crm": {"url": api.url, "sign": sign, "retry": retry}}, environment={"FIRST": FIRST}) as b:
        b.publish({"id": 1})
        requests = api.take(3)
    for request in requests:
        verify(FIRST, request)
    assert len({r.headers["webhook-id"] for r in requests}) == 1
    times = [int(r.headers["webhook-timestamp"]) for r in requests]
    assert times == sorted(times) and times[0] + 30 > times[-1]


@pytest.mark.parametrize(
    "algorithm, encoding", [("sha1", "hex"), ("sha256", "hex"), ("sha256", "base64"), ("sha512", "base64")])
def test_a_code_of_the_body(bridge, server, algorithm, encoding):
    api = server()
    values = [b'{"id": 7}', b"", b"\x00\xff" * 1000]
    sign = {"hmac": {"header": "X-Hub-Signature", "algorithm": algorithm, "encoding": encoding, "prefix": "v=",
                     "secret": {"env": "S"}}}
    with bridge(destinations={"crm": {"url": api.url, "sign": sign}}, environment={"S": "känguru"}) as b:
        for value in values:
            b.publish(value)
        requests = api.take(len(values))
    for request in requests:
        code = hmac.new("känguru".encode(), request.body, algorithm)
        text = code.hexdigest() if encoding == "hex" else base64.b64encode(code.digest()).decode()
        assert request.headers["x-hub-signature"] == "v=" + text


def test_a_secret_changes_while_it_runs(bridge, server, tmp_path):
    api = server()
    secret = tmp_path / "secret"
    secret.write_text(FIRST + "\n")
    sign = {"scheme": "standard-webhooks", "secrets": [{"file": str(secret)}]}
    with bridge(destinations={"crm": {"url": api.url, "sign": sign}}) as b:
        b.publish({"id": 0})
        verify(FIRST, *api.take())
        secret.write_text("no secret")
        b.wait_for("what was read before stays in use")
        b.publish({"id": 1})
        verify(FIRST, *api.take())
        # As Kubernetes renews a secret: another file in its place.
        new = tmp_path / "new"
        new.write_text(SECOND)
        os.replace(new, secret)
        b.wait_for("its new content is in use")
        b.publish({"id": 2})
        verify(SECOND, *api.take())
        assert FIRST not in b.log and SECOND not in b.log
