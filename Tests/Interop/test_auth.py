"""Authorization: OAuth 2.0 by an Authlib server, AWS by botocore, the rest by the standard library; all renewed while it runs."""
import base64, hashlib, json, os, subprocess, time
from unittest import mock

import botocore.auth, botocore.awsrequest, botocore.credentials
import pytest
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from flask import Flask, request as asked


class Client(ClientMixin):
    def __init__(self, secret, methods):
        self.client_id, self.secret, self.methods = "bridge:1", secret, methods

    def get_client_id(self):
        return self.client_id

    def check_client_secret(self, secret):
        return secret == self.secret

    def check_endpoint_auth_method(self, method, endpoint):
        return method in self.methods

    def check_grant_type(self, grant_type):
        return grant_type == "client_credentials"

    def get_allowed_scope(self, scope):
        return scope

    def check_response_type(self, response_type):
        return False

    def get_default_redirect_uri(self):
        return None

    def check_redirect_uri(self, redirect_uri):
        return False


class TokenServer:
    """RFC 6749, 4.4. `tokens` are those that were given, `asked` the forms of all requests."""

    def __init__(self, wsgi, secret="s3c ret&+%", methods=("client_secret_basic",), lifetime=3600):
        self.client, self.tokens, self.asked, self.broken, self.lifetime = Client(secret, methods), [], [], None, lifetime
        app = Flask("tokens")
        server = AuthorizationServer(
            app, query_client=lambda id: self.client if id == self.client.client_id else None,
            save_token=lambda token, request: self.tokens.append(token["access_token"]))

        class Grant(grants.ClientCredentialsGrant):
            TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

        server.register_grant(Grant)
        server.register_token_generator("default", lambda **more: {
            "token_type": "Bearer", "access_token": base64.b64encode(os.urandom(24)).decode(), "expires_in": self.lifetime})

        @app.post("/token")
        def token():
            self.asked.append(asked.form.to_dict())
            if self.broken:
                return self.broken
            return server.create_token_response()

        self.url = wsgi(app) + "/token"

    def settings(self, **more):
        return {"oauth2": {"token_url": self.url, "client_id": "bridge:1", "client_secret": {"env": "SECRET"},
                           "scope": "orders.write orders.read", **more}}


@pytest.fixture(autouse=True)
def plain_http(monkeypatch):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


SECRET = {"SECRET": "s3c ret&+%"}


@pytest.mark.parametrize("place, method", [("header", "client_secret_basic"), ("body", "client_secret_post")])
def test_one_token_for_all_requests(bridge, server, wsgi, place, method):
    tokens, api = TokenServer(wsgi, methods=(method,)), server()
    auth = tokens.settings(secret_in=place, audience="crm", parameters={"resource": "urn:x y"})
    with bridge(destinations={"crm": {"url": api.url, "auth": auth}, "erp": {"url": api.url + "/erp", "auth": auth}},
                environment=SECRET) as b:
        for id in range(50):
            b.publish({"id": id})
        requests = api.take(100)
        assert "s3c ret" not in b.log and tokens.tokens[0] not in b.log
    assert len(tokens.tokens) == 1, "both destinations ask for the same"
    assert {r.headers["authorization"] for r in requests} == {"Bearer " + tokens.tokens[0]}
    form = tokens.asked[0]
    assert (form["grant_type"], form["scope"], form["audience"], form["resource"]) == (
        "client_credentials", "orders.write orders.read", "crm", "urn:x y")


def test_a_refused_token_is_replaced_once_and_the_request_made_again(bridge, server, wsgi):
    tokens = TokenServer(wsgi)
    revoked = set()
    api = server(lambda r: (401, {}, b"") if r.headers["authorization"].split()[1] in revoked else (204, {}, b""))
    with bridge(destinations={"crm": {"url": api.url, "auth": tokens.settings(), "breaker": {"open_after": 1}}},
                environment=SECRET) as b:
        b.publish({"id": 0})
        api.take()
        # The store takes a token that is younger for the one before.
        time.sleep(11)
        revoked.update(tokens.tokens)
        for id in range(1, 20):
            b.publish({"id": id}, key=str(id).encode())
        accepted = set()
        while len(accepted) < 19:
            (request,) = api.take()
            if request.headers["authorization"].split()[1] not in revoked:
                accepted.add(request.json["id"])
        assert "does not let us in" not in b.log
    assert len(tokens.tokens) == 2


def test_an_api_that_refuses_every_token_is_an_outage(bridge, server, wsgi):
    tokens = TokenServer(wsgi)
    answers = iter([401] * 40)
    api = server(lambda request: (next(answers, 204), {}, b""))
    retry = {"retry": {"backoff": "10ms..50ms"}, "breaker": {"open_after": 5, "for": "100ms"}}
    with bridge(destinations={"crm": {"url": api.url, "auth": tokens.settings(), **retry}}, environment=SECRET) as b:
        b.publish({"id": 1})
        api.take(41)
        assert "does not let us in" in b.log
    assert len(tokens.tokens) <= 3


def test_a_token_is_replaced_before_it_ends(bridge, server, wsgi):
    tokens, api = TokenServer(wsgi, lifetime=5), server()
    with bridge(destinations={"crm": {"url": api.url, "auth": tokens.settings()}}, environment=SECRET) as b:
        seen = set()
        while len(seen) < 3:
            b.publish({"id": len(seen)})
            (request,) = api.take()
            seen.add(request.headers["authorization"])
            time.sleep(0.2)
    assert seen <= {"Bearer " + token for token in tokens.tokens} and len(tokens.tokens) <= 5


def test_a_wrong_secret_is_said_and_its_file_read_again(bridge, server, wsgi, tmp_path):
    tokens, api = TokenServer(wsgi), server()
    secret = tmp_path / "secret"
    secret.write_text("wr0ng")
    auth = tokens.settings(client_secret={"file": str(secret)})
    retry = {"retry": {"backoff": "10ms..50ms"}, "breaker": {"for": "100ms"}}
    with bridge(destinations={"crm": {"url": api.url, "auth": auth, **retry}}) as b:
        b.publish({"id": 1})
        b.wait_for("it answered 401: invalid_client")
        assert api.requests.empty()
        secret.write_text(SECRET["SECRET"] + "\n")
        (request,) = api.take()
        assert "wr0ng" not in b.log
    assert request.headers["authorization"] == "Bearer " + tokens.tokens[0]


@pytest.mark.parametrize("answer", [
    ('{"access_token": "a\\r\\nX-Admin: 1"}', 200), ("[" * 100_000, 200), ('{"access_token": "' + "a" * 100_000 + '"}', 200),
    ("", 200), ('{"token_type": "mac", "access_token": "a"}', 200), ('{"access_token": ["a"]}', 200),
    ('{"access_token": "a"}', 302, {"location": "/elsewhere"}), ('{"error": "slow_down"}', 429, {"retry-after": "1"}),
])
def test_a_hostile_token_server_is_an_outage(bridge, server, wsgi, answer):
    tokens, api = TokenServer(wsgi), server()
    tokens.broken = answer
    retry = {"retry": {"backoff": "10ms..50ms"}, "breaker": {"for": "100ms"}}
    with bridge(destinations={"crm": {"url": api.url, "auth": tokens.settings(), **retry}}, environment=SECRET) as b:
        b.publish({"id": 1})
        b.wait_for("no new token")
        assert api.requests.empty()
        tokens.broken = None
        (request,) = api.take()
    assert request.headers["authorization"] == "Bearer " + tokens.tokens[0]


# AWS

KEY = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


def is_signed(request, service, region, token=None):
    """Whether botocore would have signed it so, at the time that the request says, with the headers that it names."""
    import datetime
    named = request.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    moment = datetime.datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    kind = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    ours = botocore.awsrequest.AWSRequest(
        method=request.method, url=f"http://{request.headers['host']}{request.path}", data=request.body,
        headers={name: request.headers[name] for name in named if name not in ("host", "x-amz-date")})
    with mock.patch("botocore.auth.get_current_datetime", lambda **_: moment):
        kind(botocore.credentials.Credentials(*KEY, token), service, region).add_auth(ours)
    assert abs(time.time() - moment.timestamp()) < 60
    assert request.headers["x-amz-content-sha256"] == hashlib.sha256(request.body).hexdigest()
    return ours.headers["Authorization"] == request.headers["authorization"]


@pytest.mark.parametrize("service, token, more, value", [
    ("execute-api", None, {}, b'{"id": "a b/c"}'),
    ("execute-api", "FwoGZXIvYXdzEB==/t", {"query": {"b": "${value.id}", "a": "1", "A": "~x y"}}, b'{"id": "a&b=c+d\\u00e9"}'),
    ("execute-api", None, {"url": "/prod/${value.id}/x", "method": "DELETE"}, b'{"id": "a b/c*\\u00e9"}'),
    ("execute-api", None, {"url": "/prod/${value.id}", "method": "GET"}, b'{"id": "~(x)"}'),
    ("s3", None, {"url": "/bucket/${value.id}", "method": "PUT"}, b'{"id": "a b/c"}'),
    ("dynamodb", None, {"headers": {"X-Amz-Target": "DynamoDB_20120810.PutItem", "Content-Type": "application/x-amz-json-1.0"},
                        "body": {"json": {"Item": {"id": {"S": "${value.id}"}}}}, "compression": "gzip"}, b'{"id": "x"}'),
])
def test_aws_signs_the_same(bridge, server, service, token, more, value):
    api = server()
    sigv4 = {"service": service, "region": "eu-central-1", "access_key_id": {"env": "ID"}, "secret_access_key": {"env": "KEY"}}
    environment = {"ID": KEY[0], "KEY": KEY[1]}
    if token:
        sigv4["session_token"], environment["TOKEN"] = {"env": "TOKEN"}, token
    destination = {"base_url": api.url, "url": "/", "auth": {"sigv4": sigv4}, **more}
    with bridge(destinations={"aws": destination}, environment=environment) as b:
        b.publish(value)
        (request,) = api.take()
        assert KEY[1] not in b.log
    assert is_signed(request, service, "eu-central-1", token)
    assert request.headers["x-amz-security-token"] == token


# The rest

@pytest.mark.parametrize("auth, header, value", [
    ({"bearer": {"file": "SECRET"}}, "authorization", "Bearer {}"),
    ({"api_key": {"header": "X-Api-Key", "value": {"file": "SECRET"}}}, "x-api-key", "{}"),
])
def test_keys_change_with_their_file(bridge, server, tmp_path, auth, header, value):
    api, secret = server(), tmp_path / "secret"
    secret.write_text("first")
    auth = json.loads(json.dumps(auth).replace("SECRET", str(secret)))
    with bridge(destinations={"crm": {"url": api.url, "auth": auth}}) as b:
        b.publish({"id": 0})
        (request,) = api.take()
        assert request.headers[header] == value.format("first")
        secret.write_text("second")
        b.wait_for("its new content is in use")
        b.publish({"id": 1})
        (request,) = api.take()
        assert request.headers[header] == value.format("second")


def test_basic_and_a_key_in_the_query(bridge, server):
    api = server()
    destinations = {
        "crm": {"url": api.url, "auth": {"basic": {"username": "bridge", "password": {"env": "P"}}}},
        "erp": {"url": api.url + "/erp?a=1", "auth": {"api_key": {"query": "key", "value": {"env": "P"}}}}}
    with bridge(destinations=destinations, environment={"P": "pa:ss wörd&"}) as b:
        b.publish({"id": 0})
        crm, erp = sorted(api.take(2), key=lambda r: r.path)
    assert base64.b64decode(crm.headers["authorization"].removeprefix("Basic ")).decode() == "bridge:pa:ss wörd&"
    assert erp.path == "/erp?a=1&key=pa%3Ass%20w%C3%B6rd%26"


def test_a_client_certificate_changes_with_its_file(bridge, server, tmp_path):
    import ssl

    def issue(name, *signer):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / f"{name}.key",
                        "-out", tmp_path / f"{name}.pem"], check=True, capture_output=True)

    for name in ("api", "old", "new"):
        issue(name)
    (tmp_path / "all.pem").write_text((tmp_path / "old.pem").read_text() + (tmp_path / "new.pem").read_text())
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "api.pem", tmp_path / "api.key")
    tls.load_verify_locations(tmp_path / "all.pem")
    tls.verify_mode = ssl.CERT_REQUIRED
    names = []

    def answer(request):
        return 204, {"connection": "close"}, b""

    api = server(answer, tls=tls)
    accept = api.server.get_request

    def get_request():
        connection, address = accept()
        connection.do_handshake()
        names.append(dict(x[0] for x in connection.getpeercert()["subject"])["commonName"])
        return connection, address

    api.server.get_request = get_request
    for end in ("pem", "key"):
        os.replace(tmp_path / f"old.{end}", tmp_path / f"client.{end}")
    settings = {"ca": str(tmp_path / "api.pem"), "cert": str(tmp_path / "client.pem"), "key": str(tmp_path / "client.key")}
    with bridge(destinations={"crm": {"url": api.url, "tls": settings}}) as b:
        b.publish({"id": 0})
        api.take()
        for end in ("pem", "key"):
            os.replace(tmp_path / f"new.{end}", tmp_path / f"client.{end}")
        b.wait_for("new connections use it")
        b.publish({"id": 1})
        api.take()
    assert names == ["old", "new"]
