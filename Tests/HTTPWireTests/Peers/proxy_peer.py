"""proxy.py on a free port of 127.0.0.1, with the options given; says the port, ends when its input does."""

import logging
import sys
import tempfile

import proxy

if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        options = ["--hostname", "127.0.0.1", "--port", "0", "--num-workers", "1", "--num-acceptors", "1"]
        with proxy.Proxy(options + ["--data-dir", folder] + sys.argv[1:]) as running:
            print(running.flags.port, flush=True)
            sys.stdin.read()
