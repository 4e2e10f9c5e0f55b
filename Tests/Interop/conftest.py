"""What every subject needs: a broker with topics, a running topictee, HTTP servers that remember what they were asked."""
import json, os, queue, signal, socketserver, subprocess, sys, tempfile, threading, time, uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

sys.dont_write_bytecode = True
PROGRAM = os.environ["TOPICTEE_TEST_PROGRAM"]
SECONDS = 30


class Broker:
    """The broker of the environment, or a mock cluster inside this process."""

    def __init__(self):
        self.address = os.environ.get("TOPICTEE_TEST_KAFKA")
        if not self.address:
            self.owner = Producer({"bootstrap.servers": "unused", "test.mock.num.brokers": 1})
            brokers = self.owner.list_topics(timeout=SECONDS).brokers.values()
            self.address = ",".join(f"{b.host}:{b.port}" for b in brokers)

    def topic(self, name):
        admin = AdminClient({"bootstrap.servers": self.address})
        if os.environ.get("TOPICTEE_TEST_KAFKA"):
            for made in admin.create_topics([NewTopic(name, 1, config={"max.message.bytes": "9000000"})]).values():
                made.result(SECONDS)
        else:
            admin.list_topics(name, timeout=SECONDS)


    def partitions(self, topic):
        metadata = AdminClient({"bootstrap.servers": self.address}).list_topics(topic, timeout=SECONDS)
        return sorted(metadata.topics[topic].partitions)


class Bridge:
    """One topictee with topics of its own. Use it as `with bridge(destinations={…}) as b`."""

    def __init__(self, broker, destinations, environment=None, dead_letters=None, **more):
        self.broker = broker
        self.topic = "interop-" + uuid.uuid4().hex[:12]
        self.dead = self.topic + ".dead"
        broker.topic(self.topic)
        broker.topic(self.dead)
        for name in more.get("results", {}).get("topic", "").split():
            broker.topic(name)
        self.config = {
            "kafka": {"brokers": broker.address.split(","), "group": self.topic,
                      "properties": {"session.timeout.ms": 6000, "heartbeat.interval.ms": 500}},
            "topic": self.topic, "commit_every": "50ms", "destinations": destinations,
            "dead_letters": {"topic": self.dead, **(dead_letters or {})}, "log": {"format": "text"}, **more}
        self.environment = {**os.environ, **(environment or {})}
        self.producer = Producer({"bootstrap.servers": broker.address, "message.max.bytes": 9000000})
        self.published = 0

    def __enter__(self):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        json.dump(self.config, self.file)
        self.file.flush()
        self.process = subprocess.Popen(
            [PROGRAM, "run", self.file.name], env=self.environment, stderr=subprocess.PIPE, text=True)
        self.lines = []
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stderr), daemon=True)
        self.reader.start()
        return self

    def publish(self, value, key=None, headers=None):
        body = value if isinstance(value, (bytes, type(None))) else json.dumps(value).encode()
        self.producer.produce(self.topic, value=body, key=key, headers=headers)
        assert self.producer.flush(SECONDS) == 0
        self.published += 1

    def letters(self, count):
        """So many dead letters, each as (headers, value)."""
        return [(dict((k, v.decode("utf-8", "replace")) for k, v in m.headers()), m.value())
                for m in self.read(self.dead, count)]

    def read(self, topic, count):
        consumer = Consumer({"bootstrap.servers": self.broker.address, "group.id": "reader-" + uuid.uuid4().hex,
                             "enable.auto.commit": False})
        consumer.assign([TopicPartition(topic, p, 0) for p in self.broker.partitions(topic)])
        found = []
        while len(found) < count:
            message = consumer.poll(SECONDS)
            assert message is not None, f"{len(found)} of {count} records in {topic}\n{self.log}"
            assert message.error() is None, message.error()
            found.append(message)
        consumer.close()
        return found

    def wait_for(self, words):
        """Until the log has them."""
        deadline = time.monotonic() + SECONDS
        while words not in self.log:
            assert time.monotonic() < deadline and self.process.poll() is None, f"no '{words}' in\n{self.log}"
            time.sleep(0.05)

    @property
    def log(self):
        return "".join(self.lines)

    def __exit__(self, kind, *_):
        try:
            if not kind:
                self.wait_for_commit()
        finally:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
            code = self.process.wait(SECONDS)
            self.reader.join(SECONDS)
            self.file.close()
        if kind:
            print(self.log)
            return
        assert code == 0, f"exit {code}\n{self.log}"

    def wait_for_commit(self):
        """Until all that was published is settled: a stop sooner would be right, and leave it for the next run."""
        consumer = Consumer({"bootstrap.servers": self.broker.address, "group.id": self.topic})
        places = [TopicPartition(self.topic, p) for p in self.broker.partitions(self.topic)]
        deadline = time.monotonic() + SECONDS
        # A partition without a record has no committed offset.
        while (committed := sum(max(0, p.offset) for p in consumer.committed(places, timeout=SECONDS))) < self.published:
            assert time.monotonic() < deadline and self.process.poll() is None, \
                f"committed {committed} of {self.published}\n{self.log}"
            time.sleep(0.05)
        consumer.close()
        assert committed == self.published, f"committed {committed} of {self.published}\n{self.log}"


class Server:
    """HTTP/1.1 on loopback. `answer(request)` gives (status, headers, body); requests are kept in order of arrival."""

    def __init__(self, answer, tls=None):
        requests = self.requests = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                request = Request(self.command, self.path, self.headers, body)
                status, headers, content = answer(request)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                requests.put(request)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, count=1):
        return [self.requests.get(timeout=SECONDS) for _ in range(count)]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Request:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *_):
        pass


class ThreadingWSGIServer(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


@pytest.fixture(scope="session")
def broker():
    return Broker()


@pytest.fixture
def bridge(broker):
    return lambda **settings: Bridge(broker, **settings)


@pytest.fixture
def server():
    """`server(answer)` starts one; without an answer it says 204 to everything."""
    started = []

    def start(answer=lambda request: (204, {}, b""), **more):
        started.append(Server(answer, **more))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def wsgi():
    """`wsgi(application)` serves it and gives its URL."""
    started = []

    def start(application):
        one = ThreadingWSGIServer(("127.0.0.1", 0), QuietHandler)
        one.set_app(application)
        threading.Thread(target=one.serve_forever, daemon=True).start()
        started.append(one)
        return f"http://127.0.0.1:{one.server_port}"

    yield start
    for one in started:
        one.shutdown()
        one.server_close()
