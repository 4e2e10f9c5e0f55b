"""The results topic: a row per record with a column per destination, and records that are not for everyone."""
import json, uuid


def test_a_row_says_what_became_of_a_record_everywhere(bridge, server):
    crm = server(lambda request: (201, {"content-type": "application/json"}, b'{"id": "A-17", "more": 12345678901234567890}'))
    erp = server(lambda request: (400 if request.json["id"] == 2 else 204, {}, b""))
    fraud = server()
    topic = "interop-" + uuid.uuid4().hex[:12] + ".results"
    destinations = {"crm": {"url": crm.url}, "erp": {"url": erp.url}, "fraud": {"url": fraud.url, "when": ".value.total >= 100"}}
    results = {"topic": topic, "keep": {"crm": {"body": ".id"}}}
    with bridge(destinations=destinations, results=results) as b:
        b.publish({"id": 1, "total": 100}, key=b"c1")
        b.publish({"id": 2, "total": 5}, key=b"\xff")
        rows = [json.loads(m.value()) for m in b.read(topic, 2)]
        assert fraud.take()[0].json["id"] == 1 and fraud.requests.empty()
    rows.sort(key=lambda row: "key_base64" in row)
    one, two = rows
    assert one["key"] == "c1" and two["key_base64"] == "/w=="
    crm_row = one["destinations"]["crm"]
    assert (crm_row["outcome"], crm_row["status"], crm_row["attempts"], crm_row["body"]) == ("delivered", 201, 1, "A-17")
    assert one["destinations"]["erp"]["status"] == 204 and one["destinations"]["fraud"]["outcome"] == "delivered"
    assert two["destinations"]["erp"]["outcome"] == "dead_lettered" and two["destinations"]["erp"]["reason"] == "rejected"
    assert two["destinations"]["fraud"] == {"outcome": "skipped"}


def test_an_api_that_is_not_required_holds_up_nothing(bridge, server):
    crm = server()
    destinations = {"crm": {"url": crm.url}, "audit": {"url": "http://127.0.0.1:9/away", "required": False}}
    with bridge(destinations=destinations) as b:
        for id in range(100):
            b.publish({"id": id}, key=str(id).encode())
        assert len(crm.take(100)) == 100
