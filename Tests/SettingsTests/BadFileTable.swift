/// The table of refused files; each differs in one thing from a file that loads.
extension BadFile {
  static let table: [BadFile] = keys + values + requests

  private static let keys: [BadFile] = [
    BadFile(destination: "timout: 5s", "b.yaml:8:5: error: unknown key 'timout'", 1),
    BadFile(destination: "x_y_z: 1", "b.yaml:8:5: error: unknown key 'x_y_z'", 1),
    BadFile(adding: "destnations: {}\n", "b.yaml:10:1: error: unknown key 'destnations'", 1),
    BadFile(adding: "topic: other\n", "b.yaml:10:1: error: duplicate key 'topic'", 1),
    BadFile(adding: "retries: 1\n", "b.yaml:10:1: error: unknown key 'retries'", 1),
    BadFile(kafka: "grup: x", "b.yaml:4:3: error: unknown key 'grup'", 1),
    BadFile(kafka: "group: y", "b.yaml:4:3: error: duplicate key 'group'", 1),
    BadFile(destination: "retry: { attempt: 3 }", "b.yaml:8:14: error: unknown key 'attempt'", 1),
    BadFile(destination: "tls: { verfy: true }", "b.yaml:8:12: error: unknown key 'verfy'", 1),
    BadFile(kafka: "tls: { verify: no }", "b.yaml:4:18: error: expected true or false, found text", 1),
    BadFile(adding: "log: { levle: info }\n", "b.yaml:10:8: error: unknown key 'levle'", 1),
    BadFile(adding: "dead_letter: { topic: x }\n", "b.yaml:10:1: error: unknown key 'dead_letter'", 1),
    BadFile("  group: orders-bridge\n", "", "b.yaml:1:1: error: missing key 'group'", 1),
    BadFile("  brokers: [localhost:9092]\n", "", "b.yaml:1:1: error: missing key 'brokers'", 1),
    BadFile("topic: orders\n", "", "b.yaml:1:1: error: missing key 'topic'", 1),
    BadFile(
      "    url: https://crm.example.com/orders\n", "    method: PUT\n", "b.yaml:6:3: error: missing key 'url'", 1),
    BadFile("dead_letters:\n  topic: orders.dead\n", "", "b.yaml:1:1: error: missing key 'dead_letters'", 1),
    BadFile(
      "dead_letters:\n  topic: orders.dead", "dead_letters:\n  response_excerpt: 0",
      "b.yaml:8:1: error: missing key 'topic'", 1),
    BadFile(
      "destinations:\n  crm:\n    url: https://crm.example.com/orders\n", "",
      "b.yaml:1:1: error: missing key 'destinations'", 1),
    BadFile(
      "destinations:\n  crm:\n    url: https://crm.example.com/orders\n", "destinations:\n",
      "b.yaml:5:1: error: no destinations", 1),
    BadFile(
      "destinations:\n  crm:\n    url: https://crm.example.com/orders\n", "destinations: {}\n",
      "b.yaml:5:15: error: an empty map", 1),
    BadFile(
      "destinations:\n  crm:\n    url: https://crm.example.com/orders\n", "destinations: [crm]\n",
      "b.yaml:5:15: error: expected a map of destinations, found a list", 1),
    BadFile(
      "    url: https://crm.example.com/orders\n",
      "    url: https://crm.example.com/orders\n  crm:\n    url: https://crm.example.com/orders\n",
      "b.yaml:8:3: error: two destinations are named 'crm'", 1),
    BadFile("    url: https://crm.example.com/orders\n", "", "b.yaml:6:3: error: expected a map, found nothing", 1),
    BadFile("  crm:\n", "  crm api:\n", "b.yaml:6:3: error: 'crm api' is no destination name", 1),
    BadFile(
      "  crm:\n", "  " + String(repeating: "n", count: 65) + ":\n",
      "b.yaml:6:3: error: 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn…' is no destination name", 1),
    BadFile(adding: "topics: [a]\n", "b.yaml:10:1: error: both 'topic' and 'topics'", 1),
    BadFile(BadFile.url, BadFile.url + BadFile.manyDestinations, "b.yaml:71:3: error: more than 64 destinations", 1),
    BadFile("topic: orders", "topic: [orders]", "b.yaml:4:8: error: expected a topic's name, found a list", 1),
    BadFile("topic: orders\n", "topic: 12\n", "b.yaml:4:8: error: expected a topic's name, found a number", 1),
    BadFile("topic: orders\n", "topic: true\n", "b.yaml:4:8: error: expected a topic's name, found a boolean", 1),
    BadFile("topic: orders\n", "topic:\n", "b.yaml:4:1: error: expected a topic's name, found nothing", 1),
    BadFile("topic: orders\n", "topic: ''\n", "b.yaml:4:8: error: empty text", 1),
    BadFile("topic: orders\n", "topics: orders\n", "b.yaml:4:9: error: expected a list, found text", 1),
    BadFile("topic: orders\n", "topics: []\n", "b.yaml:4:9: error: an empty list", 1),
    BadFile("topic: orders\n", "topics: [a, a]\n", "b.yaml:4:13: error: the same item twice", 1),
    BadFile("[localhost:9092]", "localhost:9092", "b.yaml:2:12: error: expected a list, found text", 1),
    BadFile("[localhost:9092]", "[]", "b.yaml:2:12: error: an empty list", 1),
    BadFile("[localhost:9092]", "[9092]", "b.yaml:2:13: error: expected host:port, found a number", 1),
    BadFile("[localhost:9092]", "['a:1,b:2']", "b.yaml:2:13: error: brokers are a list, not one text with commas", 1),
    BadFile(
      "[localhost:9092]", "['http://a:1']", "b.yaml:2:13: error: a broker is host:port, without a scheme or a path", 1),
    BadFile("[localhost:9092]", "['a:99999']", "b.yaml:2:13: error: '99999' is no port", 1),
    BadFile("[localhost:9092]", "['a b:1']", "b.yaml:2:13: error: 'a b' is no host name", 1),
    BadFile(
      "kafka:\n  brokers: [localhost:9092]\n  group: orders-bridge\n", "kafka: {}\n", "b.yaml:1:8: error: an empty map",
      1),
    BadFile(
      "kafka:\n  brokers: [localhost:9092]\n  group: orders-bridge\n", "kafka: 1\n",
      "b.yaml:1:8: error: expected a map, found a number", 1),
    BadFile(adding: "version: 2\n", "b.yaml:10:10: error: '2' is not supported, only 1 is", 1),
    BadFile(adding: "version: '1'\n", "b.yaml:10:10: error: expected a whole number, found text", 1),
    BadFile(adding: "order: keys\n", "b.yaml:10:8: error: expected one of key, partition, none, found 'keys'", 1),
    BadFile(adding: "order: fifo\n", "b.yaml:10:8: error: expected one of key, partition, none, found 'fifo'", 1),
    BadFile(kafka: "start_at: latst", "b.yaml:4:13: error: expected one of earliest, latest, fail, found 'latst'", 1),
    BadFile(
      "topic: orders\n", "topic: a b\n",
      "b.yaml:4:8: error: 'a b' is no topic name: 1 to 249 letters, digits, '.', '_' or '-', not '.' or '..'", 1),
    BadFile(
      "topic: orders\n", "topic: ..\n",
      "b.yaml:4:8: error: '..' is no topic name: 1 to 249 letters, digits, '.', '_' or '-', not '.' or '..'", 1),
    BadFile(
      "topic: orders\n", "topic: " + String(repeating: "t", count: 250) + "\n",
      "b.yaml:4:8: error: 'tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt…' is no topic name: 1 to 249 letters, digits, '.', '_' or '-', not '.' or '..'",
      1),
    BadFile("orders.dead", "orders", "b.yaml:9:10: error: dead letters would go to the source topic 'orders'", 1),
    BadFile(
      "orders.dead", "dead/orders",
      "b.yaml:9:10: error: 'dead/orders' is no topic name: 1 to 249 letters, digits, '.', '_' or '-', not '.' or '..'",
      1),
    BadFile(
      "topic: orders\n", "topics: [orders, orders.dead]\n",
      "b.yaml:9:10: error: dead letters would go to the source topic 'orders.dead'", 1),
    BadFile("https://crm.example.com/orders", "/orders", "b.yaml:7:10: error: an endpoint without 'base_url'", 1),
    BadFile(
      "https://crm.example.com/orders", "crm.example.com", "b.yaml:7:10: error: a URL without http:// or https://", 1),
    BadFile("https://crm.example.com/orders", "https://", "b.yaml:7:10: error: a URL without a host", 1),
    BadFile(
      "https://crm.example.com/orders", "https://u:hunter2@h/", "b.yaml:7:10: error: a user or password in a URL", 1),
    BadFile("https://crm.example.com/orders", "https://h/#a", "b.yaml:7:10: error: a fragment ('#') in a URL", 1),
    BadFile("https://crm.example.com/orders", "https://h:70000/", "b.yaml:7:10: error: '70000' is no port", 1),
    BadFile("https://crm.example.com/orders", "https://h/a b", "b.yaml:7:10: error: a space in a URL", 1),
    BadFile(
      "https://crm.example.com/orders", "https://${value.host}/orders",
      "b.yaml:7:18: error: a template in the scheme, host or port of a URL", 1),
    BadFile("https://crm.example.com/orders", "ftp://h/", "b.yaml:7:10: error: a URL of the scheme 'ftp'", 1),
    BadFile("https://crm.example.com/orders", "5", "b.yaml:7:10: error: expected a URL, found a number", 1),
    BadFile(
      "https://crm.example.com/orders", "'https://h/%zz'",
      "b.yaml:7:10: error: a '%' without two hexadecimal digits in a URL", 1),
    BadFile(
      destination: "method: post", "b.yaml:8:13: error: expected one of GET, POST, PUT, PATCH, DELETE, found 'post'", 1),
    BadFile(
      destination: "method: FETCH", "b.yaml:8:13: error: expected one of GET, POST, PUT, PATCH, DELETE, found 'FETCH'",
      1),
    BadFile(destination: "headers: { X-A: \"a\\nb\" }", "b.yaml:8:21: error: a CR, LF or NUL in a header", 1),
    BadFile(destination: "headers: { X-A: \"a\\0b\" }", "b.yaml:8:21: error: a CR, LF or NUL in a header", 1),
    BadFile(destination: "headers: { 'X A': b }", "b.yaml:8:16: error: 'X A' is no header name", 1),
    BadFile(destination: "headers: { Host: b }", "b.yaml:8:16: error: the header 'Host' cannot be set", 1),
    BadFile(
      destination: "headers: { content-length: 5 }", "b.yaml:8:16: error: the header 'content-length' cannot be set", 1),
    BadFile(
      destination: "headers: { Transfer-Encoding: chunked }",
      "b.yaml:8:16: error: the header 'Transfer-Encoding' cannot be set", 1),
    BadFile(
      destination: "headers: { Connection: close }", "b.yaml:8:16: error: the header 'Connection' cannot be set", 1),
    BadFile(destination: "headers: { X-A: 1, x-a: 2 }", "b.yaml:8:24: error: the header 'x-a' twice", 1),
    BadFile(destination: "headers: {}", "b.yaml:8:14: error: an empty map", 1),
    BadFile(destination: "headers: { X-A: [1] }", "b.yaml:8:21: error: expected a header's value, found a list", 1),
    BadFile(
      destination: "headers: { X-A: \"${kye}\" }", "b.yaml:8:24: error: unknown root 'kye'", 1),
    BadFile(destination: "headers: { X-A: }", "b.yaml:8:16: error: expected a header's value, found nothing", 1),
    BadFile(destination: "timeout: 5", "b.yaml:8:14: error: '5' is not a duration", 1),
    BadFile(destination: "timeout: 0", "b.yaml:8:14: error: too short a duration", 1),
    BadFile(destination: "timeout: 5 seconds", "b.yaml:8:14: error: '5 seconds' is not a duration", 1),
    BadFile(destination: "timeout: null", "b.yaml:8:14: error: expected a duration, found nothing", 1),
    BadFile(
      destination: "timeout: 99999999999999999999s", "b.yaml:8:14: error: '99999999999999999999s' is not a duration", 1),
    BadFile(destination: "timeout: {s: 5}", "b.yaml:8:14: error: expected a duration, found a map", 1),
  ]

  private static let values: [BadFile] = [
    BadFile(
      destination: "retry: { attempts: 0 }", "b.yaml:8:24: error: '0' is not a whole number from 1 to 1000000", 1),
    BadFile(
      destination: "retry: { attempts: -1 }", "b.yaml:8:24: error: '-1' is not a whole number from 1 to 1000000", 1),
    BadFile(destination: "retry: { attempts: ten }", "b.yaml:8:24: error: expected a whole number, found text", 1),
    BadFile(
      destination: "retry: { attempts: 1.5 }", "b.yaml:8:24: error: '1.5' is not a whole number from 1 to 1000000", 1),
    BadFile(
      destination: "retry: { attempts: 99999999999999999999 }",
      "b.yaml:8:24: error: '99999999999999999999' is not a whole number from 1 to 1000000", 1),
    BadFile(destination: "retry: { backoff: 30s..1s }", "b.yaml:8:23: error: the range ends below its start", 1),
    BadFile(destination: "retry: { backoff: 30s }", "b.yaml:8:23: error: '30s' is not a range of durations", 1),
    BadFile(
      destination: "retry: { on: [5xx, never] }", "b.yaml:8:24: error: 'never' is not a status from 100 to 599", 1),
    BadFile(destination: "retry: { max_age: old }", "b.yaml:8:23: error: 'old' is not a duration", 1),
    BadFile(
      destination: "breaker: { open_after: 0 }", "b.yaml:8:28: error: '0' is not a whole number from 1 to 1000000", 1),
    BadFile(destination: "breaker: { for: 0 }", "b.yaml:8:21: error: too short a duration", 1),
    BadFile(destination: "concurrency: { min: 9, max: 8 }", "b.yaml:8:18: error: 'min' is above 'max'", 1),
    BadFile(
      destination: "concurrency: { max: 0 }", "b.yaml:8:25: error: '0' is not a whole number from 1 to 10000", 1),
    BadFile(destination: "rate: 500", "b.yaml:8:11: error: '500' is not a rate", 1),
    BadFile(destination: "rate: 0/s", "b.yaml:8:11: error: '0/s' is not a rate", 1),
    BadFile(destination: "order: keys", "b.yaml:8:12: error: expected one of key, partition, none, found 'keys'", 1),
    BadFile(destination: "retry: {}", "b.yaml:8:12: error: an empty map", 1),
    BadFile(destination: "retry:", "b.yaml:8:5: error: expected a map, found nothing", 1),
    BadFile(destination: "success: []", "b.yaml:8:14: error: no status is left", 1),
    BadFile(destination: "success: [2xx, '!2xx']", "b.yaml:8:14: error: no status is left", 1),
    BadFile(destination: "success: 700", "b.yaml:8:14: error: '700' is not a status from 100 to 599", 1),
    BadFile(destination: "success: [timeout]", "b.yaml:8:15: error: 'timeout' is not a status from 100 to 599", 1),
    BadFile(destination: "tls: { verify: yes }", "b.yaml:8:20: error: expected true or false, found text", 1),
    BadFile(destination: "tls: { cert: /c.pem }", "b.yaml:8:12: error: 'cert' without 'key'", 1),
    BadFile(destination: "tls: { key: {file: /k.pem} }", "b.yaml:8:12: error: 'key' without 'cert'", 1),
    BadFile(destination: "tls: { key: {env: K} }", "b.yaml:8:18: error: unknown key 'env'", 1),
    BadFile(
      adding: "limits: { in_flight_records: 0 }\n", "b.yaml:10:30: error: '0' is not a whole number from 1 to 10000000",
      1),
    BadFile(adding: "limits: { in_flight_bytes: 0 }\n", "b.yaml:10:28: error: a size of 0 bytes is out of range", 1),
    BadFile(adding: "limits: { in_flight_bytes: 64MB }\n", "b.yaml:10:28: error: '64MB' is not a size", 1),
    BadFile(
      adding: "limits: { in_flight_bytes: 9999999999GiB }\n", "b.yaml:10:28: error: '9999999999GiB' is not a size", 1),
    BadFile(adding: "commit_every: 0\n", "b.yaml:10:15: error: too short a duration", 1),
    BadFile(adding: "drain: soon\n", "b.yaml:10:8: error: 'soon' is not a duration", 1),
    BadFile(
      adding: "log: { level: loud }\n",
      "b.yaml:10:15: error: expected one of debug, info, warning, error, found 'loud'", 1),
    BadFile(adding: "defaults: { url: http://h/ }\n", "b.yaml:10:13: error: unknown key 'url'", 1),
    BadFile(adding: "defaults:\n", "b.yaml:10:1: error: expected a map, found nothing", 1),
    BadFile(
      "  topic: orders.dead\n", "  topic: orders.dead\n  response_excerpt: 1MiB\n",
      "b.yaml:10:21: error: a size of 1048576 bytes is out of range", 1),
    BadFile(
      kafka: "properties: { enable.auto.commit: true }",
      "b.yaml:4:17: error: the property 'enable.auto.commit' cannot be set", 1),
    BadFile(
      kafka: "properties: { enable.auto.offset.store: false }",
      "b.yaml:4:17: error: the property 'enable.auto.offset.store' cannot be set", 1),
    BadFile(
      kafka: "properties: { bootstrap.servers: a }",
      "b.yaml:4:17: error: the property 'bootstrap.servers' cannot be set", 1),
    BadFile(kafka: "properties: { group.id: a }", "b.yaml:4:17: error: the property 'group.id' cannot be set", 1),
    BadFile(
      kafka: "properties: { auto.offset.reset: latest }",
      "b.yaml:4:17: error: the property 'auto.offset.reset' cannot be set", 1),
    BadFile(kafka: "properties: { acks: 1 }", "b.yaml:4:17: error: the property 'acks' cannot be set", 1),
    BadFile(
      kafka: "properties: { enable.idempotence: false }",
      "b.yaml:4:17: error: the property 'enable.idempotence' cannot be set", 1),
    BadFile(
      kafka: "properties: { security.protocol: SSL }",
      "b.yaml:4:17: error: the property 'security.protocol' cannot be set", 1),
    BadFile(
      kafka: "properties: { sasl.password: hunter2 }", "b.yaml:4:17: error: the property 'sasl.password' cannot be set",
      1),
    BadFile(
      kafka: "properties: { ssl.ca.location: /c }", "b.yaml:4:17: error: the property 'ssl.ca.location' cannot be set",
      1),
    BadFile(
      kafka: "properties: { rebalance_cb: x }", "b.yaml:4:17: error: the property 'rebalance_cb' cannot be set", 1),
    BadFile(
      kafka: "properties: { transactional.id: x }", "b.yaml:4:17: error: the property 'transactional.id' cannot be set",
      1),
    BadFile(
      kafka: "properties: { enable.partition.eof: true }",
      "b.yaml:4:17: error: the property 'enable.partition.eof' cannot be set", 1),
    BadFile(kafka: "properties: { 'a b': 1 }", "b.yaml:4:17: error: 'a b' is no property name", 1),
    BadFile(
      kafka: "properties: { session.timeout.ms: [1] }", "b.yaml:4:37: error: expected a property's value, found a list",
      1),
    BadFile(
      kafka: "sasl: { mechanism: PLAIN, username: u, password: {env: NOT_SET} }",
      "b.yaml:4:58: error: the environment has no 'NOT_SET'", 1),
    BadFile(
      kafka: "sasl: { mechanism: PLAIN, username: u, password: {env: EMPTY} }",
      "b.yaml:4:58: error: the environment's 'EMPTY' is empty", 1),
    BadFile(
      kafka: "sasl: { mechanism: PLAIN, username: u, password: {file: /nonexistent/secret} }",
      "b.yaml:4:59: error: cannot read '/nonexistent/secret': No such file or directory", 1),
    BadFile(
      kafka: "sasl: { mechanism: PLAIN, username: u, password: {file: /} }", "b.yaml:4:59: error: '/' is not a file", 1),
    BadFile(
      kafka: "sasl: { mechanism: PLAIN, username: u, password: {evn: X} }", "b.yaml:4:53: error: unknown key 'evn'", 1),
    BadFile(
      kafka: "sasl: { mechanism: PLAIN, username: u, password: {env: A, file: b} }",
      "b.yaml:4:61: error: both 'env' and 'file'", 1),
    BadFile(
      kafka: "sasl: { mechanism: PLAIN, username: u, password: [hunter2] }",
      "b.yaml:4:52: error: expected {env: NAME} or {file: PATH}, found a list", 1),
    BadFile(
      kafka: "sasl: { mechanism: PLAIN, username: u, password: {env: 5} }",
      "b.yaml:4:58: error: expected text, found a number", 1),
    BadFile(kafka: "sasl: { mechanism: PLAIN, username: u, password: '' }", "b.yaml:4:52: error: an empty secret", 1),
    BadFile(
      kafka: "sasl: { mechanism: PLAIN, username: u, password:  }",
      "b.yaml:4:42: error: expected {env: NAME} or {file: PATH}, found nothing", 1),
    BadFile(
      kafka: "sasl: { mechanism: SCRAM, username: u, password: {env: SET} }",
      "b.yaml:4:22: error: expected one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, found 'SCRAM'", 1),
    BadFile(kafka: "sasl: { mechanism: PLAIN }", "b.yaml:4:3: error: missing key 'username'", 2),
    BadFile(kafka: "tls: { ca: 5 }", "b.yaml:4:14: error: expected text, found a number", 1),
    BadFile(kafka: "instance_id: 5", "b.yaml:4:16: error: expected text, found a number", 1),
    BadFile(whole: "", "b.yaml:1:1: error: an empty file", 1),
    BadFile(whole: "# only a comment\n", "b.yaml:1:1: error: an empty file", 1),
    BadFile(whole: "null\n", "b.yaml:1:1: error: an empty file", 1),
    BadFile(whole: "- a\n", "b.yaml:1:1: error: expected a map, found a list", 1),
    BadFile(whole: "text\n", "b.yaml:1:1: error: expected a map, found text", 1),
    BadFile(whole: "{}\n", "b.yaml:1:1: error: an empty map", 1),
    BadFile(whole: BadFile.base + "---\n" + BadFile.base, "b.yaml:10:1: error: a second document", 1),
    BadFile(whole: "kafka:\n\tgroup: x\n", "b.yaml:2:1: error: a tab where YAML wants spaces", 1),
    BadFile(whole: "kafka: [a\n", "b.yaml:2:1: error: bad YAML: did not find expected ',' or ']'", 1),
    BadFile(whole: "topic: \"a\n", "b.yaml:2:1: error: bad YAML: found unexpected end of stream", 1),
    BadFile(whole: "a: b: c\n", "b.yaml:1:5: error: bad YAML: mapping values are not allowed in this context", 1),
    BadFile(whole: "topic: @x\n", "b.yaml:1:8: error: bad YAML: found character that cannot start any token", 1),
    BadFile(whole: "a: *b\n", "b.yaml:1:4: error: an alias without its anchor", 1),
    BadFile(whole: "a: &a [*a]\n", "b.yaml:1:8: error: an alias without its anchor", 1),
    BadFile(whole: "<<: {a: b}\n", "b.yaml:1:1: error: merge keys ('<<') are not supported", 1),
    BadFile(whole: "? [a]\n: b\n", "b.yaml:1:3: error: a key must be text", 1),
    BadFile(whole: "1: b\n", "b.yaml:1:1: error: a key must be text, not a number", 1),
    BadFile(whole: "true: b\n", "b.yaml:1:1: error: a key must be text, not a boolean", 1),
    BadFile(whole: ": b\n", "b.yaml:1:1: error: bad YAML: did not find expected key", 1),
    BadFile(whole: "a: !!str b\n", "b.yaml:1:4: error: tags are not supported", 1),
    BadFile(
      whole: "a: " + String(repeating: "[", count: 70) + String(repeating: "]", count: 70) + "\n",
      "b.yaml:1:67: error: nested deeper than 64 levels", 1),
    BadFile(
      whole: "a: " + String(repeating: "[", count: 500000) + "\n", "b.yaml:1:67: error: nested deeper than 64 levels", 1
    ),
    BadFile(whole: "a\0b: c\n", "b.yaml:1:2: error: a NUL byte", 1),
    BadFile(whole: "a: \u{7}\n", "b.yaml:1:4: error: a control character (U+0007)", 1),
    BadFile(whole: "%YAML 9.9\n---\na: b\n", "b.yaml:1:1: error: bad YAML: found incompatible YAML document", 1),
    BadFile(whole: "topic: é\u{202E}timout\n", "b.yaml:1:1: error: missing key 'kafka'", 4),
    BadFile(whole: BadFile.laughs, "b.yaml:5:26: error: more than 50000 values", 1),
    BadFile(whole: "x: " + String(repeating: "a", count: 1048576) + "\n", "b.yaml: error: the file is over 1 MiB", 1),
    BadFile(whole: BadFile.unknownKeys, "b.yaml:1:1: error: missing key 'kafka'", 100),
  ]
}
