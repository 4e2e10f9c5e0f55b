"""HTTP proxies by proxy.py: absolute-form requests for http, CONNECT tunnels for https."""
import os, ssl, subprocess

import proxy
import pytest

CERTIFICATES = "certificates"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that is its own authority."""
    folder = tmp_path_factory.mktemp(CERTIFICATES)
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


@pytest.fixture
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture(scope="session")
def running():
    with proxy.Proxy(["--hostname", "127.0.0.1", "--port", "0", "--num-workers", "1", "--num-acceptors", "1",
                      "--basic-auth", "bridge:s3cret", "--log-level", "ERROR"]) as one:
        yield one.flags.port


def through(port, password="s3cret"):
    return {"url": f"http://127.0.0.1:{port}", "username": "bridge", "password": {"env": "PROXY_PASSWORD"}}, {"PROXY_PASSWORD": password}


def test_http_goes_through_in_absolute_form(bridge, server, running):
    api = server()
    settings, environment = through(running)
    with bridge(destinations={"crm": {"url": api.url + "/orders?a=1", "proxy": settings}}, environment=environment) as b:
        b.publish({"id": 1})
        (request,) = api.take()
        assert "s3cret" not in b.log
    assert request.path == "/orders?a=1" and request.json == {"id": 1}
    assert request.headers["via"], "it did not come through the proxy"
    assert request.headers["proxy-authorization"] is None


def test_https_goes_through_a_tunnel(bridge, server, running, certificate, tls):
    api = server(tls=tls)
    settings, environment = through(running)
    destination = {"url": api.url + "/orders", "proxy": settings, "tls": {"ca": str(certificate[0])}}
    with bridge(destinations={"crm": destination}, environment=environment) as b:
        for id in range(3):
            b.publish({"id": id})
        requests = api.take(3)
    assert sorted(r.json["id"] for r in requests) == [0, 1, 2]


def test_the_environment_names_the_proxy_and_who_goes_past_it(bridge, server, running):
    api, past = server(), server()
    environment = {"http_proxy": f"http://bridge:s3cret@127.0.0.1:{running}", "no_proxy": f"127.0.0.1:{past.port}"}
    with bridge(destinations={"crm": {"url": api.url}, "erp": {"url": past.url}}, environment=environment) as b:
        b.publish({"id": 1})
        (one,), (two,) = api.take(), past.take()
    assert one.headers["via"] and two.headers["via"] is None


def test_a_wrong_password_is_an_outage_and_nothing_is_lost(bridge, server, running):
    api = server()
    settings, environment = through(running, password="wrong")
    with bridge(destinations={"crm": {"url": api.url, "proxy": settings, "retry": {"max_age": "300ms", "backoff": "10ms..50ms"}}},
                environment=environment) as b:
        b.publish({"id": 1})
        ((headers, value),) = b.letters(1)
    assert headers["topictee.dlq.reason"] == "expired" and headers["topictee.dlq.status"] == "407"
    assert value == b'{"id": 1}'
