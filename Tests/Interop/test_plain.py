"""The harness itself, and what needs nothing special of a server."""


def test_a_record_reaches_both_apis_byte_for_byte(bridge, server):
    crm, erp = server(), server()
    value = b'{"id": 12345678901234567890, "b":1,\t"a":[ ]}'
    with bridge(destinations={"crm": {"url": crm.url + "/orders"}, "erp": {"url": erp.url, "method": "PUT"}}) as b:
        b.publish(value, key=b"k")
        (one,), (two,) = crm.take(), erp.take()
    assert (one.method, one.path, one.body) == ("POST", "/orders", value)
    assert (two.method, two.body) == ("PUT", value)
    assert one.headers["idempotency-key"] == two.headers["idempotency-key"] != None


def test_what_an_api_refuses_is_a_dead_letter(bridge, server):
    crm = server(lambda request: (422, {}, b"no such customer"))
    with bridge(destinations={"crm": {"url": crm.url}}) as b:
        b.publish({"id": 1}, key=b"k", headers=[("h", b"v")])
        ((headers, value),) = b.letters(1)
    assert value == b'{"id": 1}' and headers["h"] == "v"
    assert headers["topictee.dlq.reason"] == "rejected" and headers["topictee.dlq.response"] == "no such customer"


def test_dead_letters_for_the_tools_of_kafka_connect(bridge, server):
    crm = server(lambda request: (422, {}, b""))
    with bridge(destinations={"crm": {"url": crm.url}}) as b:
        b.publish({"id": 1})
        ((plain, _),) = b.letters(1)
    assert not any(name.startswith("__connect") for name in plain)
    with bridge(destinations={"crm": {"url": crm.url}}, dead_letters={"compat": "connect"}) as b:
        b.publish({"id": 1})
        ((headers, _),) = b.letters(1)
    connect = {k.removeprefix("__connect.errors."): v for k, v in headers.items() if k.startswith("__connect.errors.")}
    assert connect["topic"] == b.topic and connect["offset"] == "0" and connect["connector.name"] == b.topic
    assert connect["stage"] == "TASK_PUT" and "422" in connect["exception.message"]
