"""An HTTP/2 server on the h2 library, on a free port of 127.0.0.1, that does to each request what its path says.

    h2_peer.py CERTIFICATE KEY MAX_STREAMS

Says the port, ends when its input does.

    /echo            the request's fields, an empty line and its body
    /status/N        N, without a body; /redirect is 302 with a Location
    /big/N           a body of N bytes
    /early           413 before the body of the request is read
    /silent          nothing
    /reset, /refuse  a reset with INTERNAL_ERROR, with REFUSED_STREAM
    /refuse-once     REFUSED_STREAM for the first in a connection, 200 for those after
    /goaway          GOAWAY that leaves this request out, and 200 to it on the next connection
    /cut             the connection is cut; /cut-second cuts at the second request of a connection
    /count           how many connections there have been
"""

import socket
import ssl
import sys
import threading

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings

lock = threading.Lock()
connections = 0
said_goodbye = False


class Peer:
    def __init__(self, stream, max_streams):
        self.stream = stream
        self.requests = {}
        self.unsent = {}
        self.refused = 0
        self.served = 0
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.h2.local_settings = h2.settings.Settings(
            client=False, initial_values={h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: max_streams}
        )
        self.h2.initiate_connection()

    def run(self):
        self.flush()
        while data := self.stream.recv(65536):
            for event in self.h2.receive_data(data):
                if self.take(event):
                    return
            self.send_bodies()
            self.flush()

    def flush(self):
        self.stream.sendall(self.h2.data_to_send())

    def take(self, event):
        """True to cut the connection."""
        if isinstance(event, h2.events.RequestReceived):
            self.requests[event.stream_id] = (event.headers, bytearray())
            return self.begin(event.stream_id, dict(event.headers)[":path"])
        if isinstance(event, h2.events.DataReceived):
            if event.stream_id in self.requests:
                self.requests[event.stream_id][1].extend(event.data)
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        if isinstance(event, h2.events.StreamEnded) and event.stream_id in self.requests:
            self.answer(event.stream_id)
        if isinstance(event, h2.events.StreamReset):
            self.requests.pop(event.stream_id, None)
            self.unsent.pop(event.stream_id, None)
        return False

    def begin(self, stream, path):
        global said_goodbye
        self.served += 1
        if path == "/cut" or (path == "/cut-second" and self.served > 1):
            return True
        if path == "/early":
            self.requests.pop(stream)
            self.h2.send_headers(stream, [(":status", "413")], end_stream=True)
        elif path == "/reset":
            self.requests.pop(stream)
            self.h2.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
        elif path == "/refuse" or (path == "/refuse-once" and self.refused == 0):
            self.refused += 1
            self.requests.pop(stream)
            self.h2.reset_stream(stream, h2.errors.ErrorCodes.REFUSED_STREAM)
        elif path == "/goaway":
            with lock:
                if said_goodbye:
                    return False
                said_goodbye = True
            self.h2.close_connection(last_stream_id=stream - 2 if stream > 1 else 0)
            self.flush()
            return True
        return False

    def answer(self, stream):
        headers, body = self.requests.pop(stream)
        path = dict(headers)[":path"]
        status, fields, content = "200", [], b""
        if path == "/silent":
            return
        if path == "/echo":
            content = "".join(f"{name}: {value}\n" for name, value in headers).encode() + b"\n" + bytes(body)
        elif path.startswith("/big/"):
            content = b"b" * int(path[5:])
        elif path.startswith("/status/"):
            status = path[8:]
        elif path == "/redirect":
            status, fields = "302", [("location", "https://other.example/x?key=secret")]
        elif path == "/count":
            content = str(connections).encode()
        self.h2.send_headers(stream, [(":status", status)] + fields, end_stream=not content)
        if content:
            self.unsent[stream] = content

    def send_bodies(self):
        for stream in list(self.unsent):
            while room := min(self.h2.local_flow_control_window(stream), 16384):
                part, rest = self.unsent[stream][:room], self.unsent[stream][room:]
                self.h2.send_data(stream, part, end_stream=not rest)
                self.unsent[stream] = rest
                if not rest:
                    del self.unsent[stream]
                    break


def serve(raw, context, max_streams):
    global connections
    with lock:
        connections += 1
    try:
        stream = context.wrap_socket(raw, server_side=True)
        Peer(stream, max_streams).run()
        stream.close()
    except (OSError, h2.exceptions.ProtocolError):
        pass
    finally:
        raw.close()


def accept(listener, context, max_streams):
    while True:
        raw, _ = listener.accept()
        threading.Thread(target=serve, args=(raw, context, max_streams), daemon=True).start()


if __name__ == "__main__":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    context.set_alpn_protocols(["h2"])
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, args=(listener, context, int(sys.argv[3])), daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()
