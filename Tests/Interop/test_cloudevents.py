"""CloudEvents by the Python SDK, and traces."""
import json, re
from datetime import datetime, timezone

import pytest
from cloudevents.core.bindings import http, kafka
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

OWN = {"mode": "binary", "type": "shop.order.placed", "source": "/orders"}


def event_of(request):
    return http.from_http(http.HTTPMessage(dict(request.headers.items()), request.body), JSONFormat())


def events_of(request):
    return [JSONFormat().read(None, json.dumps(one)) for one in json.loads(request.body)]


def attributes(event):
    return dict(event.get_attributes())


@pytest.mark.parametrize("mode", ["binary", "structured"])
def test_a_record_becomes_an_event(bridge, server, mode):
    api = server()
    settings = {**OWN, "mode": mode, "type": "shop.${value.kind}", "source": "/orders/${value.region}"}
    value = {"id": 12345678901234567890, "kind": "größer \"%20\"\n", "region": "a b/ü"}
    with bridge(destinations={"crm": {"url": api.url, "cloudevents": settings}}) as b:
        b.publish(value, key="schlüssel 1".encode())
        (request,) = api.take()
    event = event_of(request)
    assert event.get_id() == request.headers["idempotency-key"]
    assert event.get_type() == "shop.größer \"%20\"\n"
    assert event.get_source() == "/orders/a%20b%2F%C3%BC"
    assert event.get_subject() == "schlüssel 1"
    assert abs((datetime.now(timezone.utc) - event.get_time()).total_seconds()) < 60
    assert event.get_datacontenttype() == "application/json"
    assert event.get_data() == value
    assert set(attributes(event)) == {"specversion", "id", "source", "type", "subject", "time", "datacontenttype"}


@pytest.mark.parametrize("value, content_type, data, kind", [
    (b'{"a": 1}', None, {"a": 1}, "application/json"),
    (b"\x00\xff", None, b"\x00\xff", "application/octet-stream"),
    (b"<a/>", b"application/xml", b"<a/>", "application/xml"),
    (b"[1]", b"application/vnd.x+json; charset=utf-8", [1], "application/vnd.x+json; charset=utf-8"),
    (b"not JSON", b"application/json", b"not JSON", "application/json"),
])
def test_what_it_is_about(bridge, server, value, content_type, data, kind):
    api = server()
    with bridge(destinations={"crm": {"url": api.url, "cloudevents": {**OWN, "mode": "structured"}}}) as b:
        b.publish(value, headers=[("content-type", content_type)] if content_type else None)
        (request,) = api.take()
    event = event_of(request)
    assert (event.get_data(), event.get_datacontenttype()) == (data, kind)
    assert request.headers["content-type"] == "application/cloudevents+json"


def test_a_body_of_the_file_is_what_it_is_about(bridge, server):
    api = server()
    destinations = {mode: {"url": api.url, "cloudevents": {**OWN, "mode": mode, "subject": "${value.id}"},
                           "body": {"json": {"ref": "${value.id}"}}} for mode in ("binary", "structured")}
    with bridge(destinations=destinations) as b:
        b.publish({"id": 7})
        events = [event_of(r) for r in api.take(2)]
    for event in events:
        assert (event.get_data(), event.get_subject()) == ({"ref": 7}, "7")
    assert attributes(events[0]) == attributes(events[1])


ITS_OWN = {"specversion": "1.0", "id": "A-1.2", "source": "https://shop.example/ü?a=b c", "type": "their.type", "subject": "s",
           "time": datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=timezone.utc), "datacontenttype": "application/json",
           "dataschema": "urn:x", "partitionkey": "\"50 %\"", "sequence": "0007"}


@pytest.mark.parametrize("mode", ["binary", "structured"])
@pytest.mark.parametrize("form", [kafka.to_binary, kafka.to_structured])
@pytest.mark.parametrize("data, kind", [
    ({"a": [1, "ü"]}, "application/json"), ("text\n\"ü\"", "text/plain"), (b"\x00\xff\xfe", "application/octet-stream"), (None, None)])
def test_an_event_passes_through_as_itself(bridge, server, mode, form, data, kind):
    api = server()
    own = {**ITS_OWN, "datacontenttype": kind}
    if not kind:
        del own["datacontenttype"]
    message = form(CloudEvent(dict(own), data), JSONFormat())
    with bridge(destinations={"crm": {"url": api.url, "cloudevents": {**OWN, "type": "${value.nothing}", "mode": mode}}}) as b:
        b.publish(message.value or None, key=b"k", headers=list(message.headers.items()))
        (request,) = api.take()
    event = event_of(request)
    assert attributes(event) == own
    found = event.get_data()
    if kind == "text/plain" and isinstance(found, bytes):
        found = found.decode()
    assert found == data or (data is None and found in (b"", "", None))
    if mode == "structured" and form is kafka.to_structured:
        assert request.body == message.value


def test_a_batch_of_all_kinds(bridge, server):
    api = server()
    destination = {"url": api.url, "cloudevents": {**OWN, "mode": "batched"}, "batch": {"format": "cloudevents", "records": 4, "wait": "2s"}}
    messages = [form(CloudEvent(dict(ITS_OWN), {"a": 1}), JSONFormat()) for form in (kafka.to_binary, kafka.to_structured)]
    with bridge(destinations={"crm": destination}) as b:
        for message in messages:
            b.publish(message.value, headers=list(message.headers.items()))
        b.publish({"id": 1})
        b.publish(b"\xff")
        (request,) = api.take()
    assert request.headers["content-type"] == "application/cloudevents-batch+json"
    one, two, three, four = events_of(request)
    assert attributes(one) == attributes(two) == ITS_OWN
    assert one.get_data() == two.get_data() == {"a": 1}
    assert three.get_data() == {"id": 1} and four.get_data() == b"\xff"
    assert re.fullmatch("[a-z2-7]{32}", three.get_id()) and three.get_id() != four.get_id()


@pytest.mark.parametrize("mode, value, headers, reason", [
    ("binary", b"not JSON", [("content-type", b"application/cloudevents+json")], "template"),
    ("binary", b'{"specversion": "1.0"}', [("content-type", b"application/cloudevents+json; charset=UTF-8")], "template"),
    ("structured", b"not JSON", [("content-type", b"application/cloudevents+json")], "template"),
    ("structured", b'{"specversion":"1.0","id":"1","source":"/","type":"t","data_base64":"!!"}',
     [("content-type", b"application/cloudevents+json")], "template"),
    ("binary", b"\x00", [("content-type", b"application/cloudevents+avro")], "template"),
    ("binary", b"{}", [("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"/"), ("ce_type", b"t"), ("ce_x", b"\xff")], "unsafe"),
    ("structured", b"{}", [("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"/"), ("ce_type", b"t"), ("ce_x", b"\xff")], "unsafe"),
    ("binary", b'{"specversion":"1.0","id":"1","source":"/","type":"t","datacontenttype":"a\\r\\nb"}',
     [("content-type", b"application/cloudevents+json")], "unsafe"),
])
def test_what_is_no_event_after_all_is_a_dead_letter(bridge, server, mode, value, headers, reason):
    api = server()
    with bridge(destinations={"crm": {"url": api.url, "cloudevents": {**OWN, "mode": mode}}}) as b:
        b.publish(value, headers=headers)
        ((letter, kept),) = b.letters(1)
    assert kept == value and letter["topictee.dlq.reason"] == reason
    assert api.requests.empty()


def test_line_ends_in_an_attribute_end_no_line(bridge, server):
    api = server()
    headers = [("ce_specversion", b"1.0"), ("ce_id", b"1\r\nX-Admin: 1"), ("ce_source", b"/\0"), ("ce_type", b"t\n")]
    with bridge(destinations={"crm": {"url": api.url, "cloudevents": OWN}}) as b:
        b.publish(b"{}", headers=headers)
        (request,) = api.take()
    assert request.headers["x-admin"] is None
    assert (event_of(request).get_id(), event_of(request).get_type()) == ("1\r\nX-Admin: 1", "t\n")


def test_a_trace_goes_on(bridge, server):
    api = server()
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with bridge(destinations={"crm": {"url": api.url}, "erp": {"url": api.url, "body": {"json": {}}}}) as b:
        b.publish({"id": 1}, headers=[("traceparent", f"00-{trace}-00f067aa0ba902b7-01".encode()), ("tracestate", b"a=1")])
        requests = api.take(2)
        b.publish({"id": 2}, headers=[("traceparent", b"00-nonsense"), ("tracestate", b"a=1")])
        others = api.take(2)
    found = [re.fullmatch(f"00-{trace}-([0-9a-f]{{16}})-01", r.headers["traceparent"])[1] for r in requests]
    assert len({*found, "00f067aa0ba902b7"}) == 3 and {r.headers["tracestate"] for r in requests} == {"a=1"}
    assert all(r.headers["traceparent"] is None and r.headers["tracestate"] is None for r in others)
