"""Batches, and per-item results as Elasticsearch's bulk gives them."""
import json


def wait_for(api, taken, count):
    """Until the API has taken so many records: each request may be the one."""
    while len(taken) < count:
        api.take()


def test_records_come_together_and_in_order_per_key(bridge, server):
    api = server()
    batch = {"records": 50, "wait": "200ms", "format": "ndjson"}
    with bridge(destinations={"warehouse": {"url": api.url, "batch": batch}}) as b:
        for id in range(40):
            b.publish({"id": id}, key=str(id % 20).encode())
        items, requests = [], []
        while len(items) < 40:
            requests += api.take()
            items += [json.loads(line) for line in requests[-1].body.splitlines()]
    assert len(requests) < 20, "they came one by one"
    assert requests[0].headers["content-type"] == "application/x-ndjson"
    assert sorted(item["id"] for item in items) == list(range(40))
    for key in range(20):
        ids = [item["id"] for item in items if item["id"] % 20 == key]
        assert ids == sorted(ids)


def test_a_poison_record_does_not_take_its_neighbours_with_it(bridge, server):
    accepted = []

    def answer(request):
        items = request.json
        if any(item["id"] == 13 for item in items):
            return 400, {}, b"13 is no good"
        accepted.extend(item["id"] for item in items)
        return 204, {}, b""

    api = server(answer)
    batch = {"records": 50, "wait": "200ms", "format": "json_array"}
    with bridge(destinations={"warehouse": {"url": api.url, "batch": batch}}) as b:
        for id in range(20):
            b.publish({"id": id}, key=str(id).encode())
        ((headers, value),) = b.letters(1)
        wait_for(api, accepted, 19)
    assert json.loads(value) == {"id": 13} and headers["topictee.dlq.reason"] == "rejected"
    assert sorted(accepted) == [id for id in range(20) if id != 13]


def test_a_413_makes_smaller_batches(bridge, server):
    sizes, accepted = [], []

    def answer(request):
        lines = request.body.splitlines()
        sizes.append(len(lines))
        if len(lines) > 6:
            return 413, {}, b""
        accepted.extend(json.loads(line)["id"] for line in lines)
        return 204, {}, b""

    api = server(answer)
    with bridge(destinations={"warehouse": {"url": api.url, "batch": {"records": 40, "wait": "200ms"}}}) as b:
        for id in range(40):
            b.publish({"id": id}, key=str(id).encode())
        wait_for(api, accepted, 40)
    assert max(sizes) > 6 and sorted(accepted) == list(range(40))


def test_each_record_has_its_own_result(bridge, server):
    stored, busy = [], {5}

    def answer(request):
        items = []
        for line in request.body.splitlines():
            id = json.loads(line)["id"]
            status = 400 if id == 3 else 429 if id in busy else 201
            busy.discard(id)
            if status == 201:
                stored.append(id)
            items.append({"index": {"_id": str(id), "status": status}})
        return 200, {"content-type": "application/json"}, json.dumps({"errors": True, "items": items}).encode()

    api = server(answer)
    batch = {"records": 10, "wait": "200ms", "results": {"path": "items", "status": "index.status"}}
    destination = {"url": api.url, "batch": batch, "retry": {"backoff": "10ms..50ms"}}
    with bridge(destinations={"warehouse": destination}) as b:
        for id in range(10):
            b.publish({"id": id}, key=str(id).encode())
        ((headers, value),) = b.letters(1)
        wait_for(api, stored, 9)
    assert json.loads(value) == {"id": 3} and headers["topictee.dlq.status"] == "400"
    assert sorted(stored) == [id for id in range(10) if id != 3]
