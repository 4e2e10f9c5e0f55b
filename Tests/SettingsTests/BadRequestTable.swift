/// Refused files whose fault is in what a destination's requests are made of.
extension BadFile {
  static let requests: [BadFile] = addresses + bodies + logins + rules

  private static let addresses: [BadFile] = [
    BadFile(destination: "query: { order: \"${vlue.id}\" }", "b.yaml:8:24: error: unknown root 'vlue'", 1),
    BadFile(destination: "query: { order: \"${value.id\" }", "b.yaml:8:22: error: a '${' without its '}'", 1),
    BadFile(destination: "query: { \"${key}\": 1 }", "b.yaml:8:14: error: a template in a parameter's name", 1),
    BadFile(destination: "query: { order: [1] }", "b.yaml:8:21: error: expected text, found a list", 1),
    BadFile(destination: "query: {}", "b.yaml:8:12: error: an empty map", 1),
    BadFile(
      destination: "headers: { X-A: \"${value.a | defualt('x')}\" }", "b.yaml:8:34: error: unknown filter 'defualt'", 1),
    BadFile(
      destination: "headers: { X-A: \"${value.a | default(x)}\" }",
      "b.yaml:8:42: error: 'default' takes a text in quotes", 1),
    BadFile(destination: "headers: { X-A: \"${topic.name}\" }", "b.yaml:8:29: error: 'topic' has nothing below it", 1),
    BadFile(
      destination: "headers: { Authorization: \"${headers.auth}\" }",
      "b.yaml:8:31: error: the header 'Authorization' cannot come from a record", 1),
    BadFile(
      destination: "headers: { Cookie: \"a=${key}\" }",
      "b.yaml:8:24: error: the header 'Cookie' cannot come from a record", 1),
    BadFile(
      destination: "headers: { webhook-signature: \"${key}\" }",
      "b.yaml:8:35: error: the header 'webhook-signature' cannot come from a record", 1),
    BadFile(
      destination: "headers: { X-A: '${value.a | default(\"a\\nb\")}' }",
      "b.yaml:8:21: error: a CR, LF or NUL in a header", 1),
    BadFile(
      destination: "headers: { Idempotency-Key: \"${value.id}\" }",
      "b.yaml:8:16: error: the header 'Idempotency-Key' cannot be set", 1),
    BadFile(
      "https://crm.example.com/orders", "https://crm.example.com:${value.port}/",
      "b.yaml:7:34: error: a template in the scheme, host or port of a URL", 1),
    BadFile(
      "https://crm.example.com/orders", "${value.url}",
      "b.yaml:7:10: error: a template in the scheme, host or port of a URL", 1),
    BadFile("https://crm.example.com/orders", "https://h/a b/${value.id}", "b.yaml:7:10: error: a space in a URL", 1),
    BadFile(
      "https://crm.example.com/orders", "https://h/${value.id}#x", "b.yaml:7:10: error: a fragment ('#') in a URL", 1),
    BadFile(
      "https://crm.example.com/orders", "'https://h/${value.id}/%zz'",
      "b.yaml:7:10: error: a '%' without two hexadecimal digits in a URL", 1),
    BadFile(
      "https://crm.example.com/orders", "https://h/a/${value.id | default(\"..\")}/b",
      "b.yaml:7:22: error: a path's segment that may be empty, '.' or '..'", 1),
    BadFile("https://crm.example.com/orders", "?a=1", "b.yaml:7:10: error: an endpoint without 'base_url'", 1),
    BadFile(destination: "base_url: api.example.com", "b.yaml:8:15: error: a URL without http:// or https://", 1),
    BadFile(destination: "base_url: https://h/?a=1", "b.yaml:8:15: error: a query in 'base_url'", 1),
    BadFile(url: "/orders/${vlue}", "base_url: https://h/v2", "b.yaml:7:20: error: unknown root 'vlue'", 1),
    BadFile(url: "/orders", "base_url: htps://h/v2", "b.yaml:8:15: error: a URL of the scheme 'htps'", 1),
    BadFile(adding: "defaults: { base_url: 5 }\n", "b.yaml:10:23: error: expected a URL, found a number", 1),
    BadFile(destination: "proxy: proxy.example.com:3128", "b.yaml:8:12: error: a URL without http:// or https://", 1),
    BadFile(
      destination: "proxy: http://proxy:3128/path",
      "b.yaml:8:12: error: a proxy's URL with more than scheme, host and port", 1),
    BadFile(destination: "proxy: { username: u }", "b.yaml:8:5: error: missing key 'url'", 1),
    BadFile(
      destination: "proxy: { url: http://h:1, password: {env: SET} }",
      "b.yaml:8:31: error: 'password' without 'username'", 1),
    BadFile(destination: "proxy: true", "b.yaml:8:12: error: expected none, a URL or a map, found a boolean", 1),
    BadFile(destination: "http2: yes", "b.yaml:8:12: error: expected true or false, found text", 1),
    BadFile(destination: "tls: { min_version: 1.1 }", "b.yaml:8:25: error: expected one of 1.2, 1.3, found '1.1'", 1),
    BadFile(destination: "tls: { server_name: \"a b\" }", "b.yaml:8:25: error: 'a b' is no host name", 1),
    BadFile(destination: "compression: gz", "b.yaml:8:18: error: expected one of none, gzip, found 'gz'", 1),
    BadFile(destination: "required: no", "b.yaml:8:15: error: expected true or false, found text", 1),
    BadFile(destination: "when: ''", "b.yaml:8:11: error: an empty jq program", 1),
    BadFile(destination: "when: true", "b.yaml:8:11: error: expected a jq program, found a boolean", 1),
    BadFile(destination: "when: .value.total >= ", "b.yaml:8:24: error: bad jq: syntax error, unexpected end", 1),
    BadFile(
      destination: "when: '.a | env.HOME'",
      "b.yaml:8:17: error: bad jq: env is refused: nothing but the input is within reach", 1),
    BadFile(destination: "when: |\n      .a\n      | foo(1)", "b.yaml:10:9: error: bad jq: foo/1 is not defined", 1),
    BadFile(
      destination: "body: { jq: '{a: bar}' }", "b.yaml:8:22: error: bad jq: bar/0 is not defined",
      1),
    BadFile(
      destination: "body: { jq: '{a: .b | @base65}' }", "b.yaml:8:27: error: bad jq: @base65 is no format",
      1),
    BadFile(
      adding: "results: { topic: r, keep: { crm: { body: '.a[' } } }\n",
      "b.yaml:10:46: error: bad jq: syntax error, unexpected end", 1),
    BadFile(destination: "body: { soap: '<a><b></a>' }", "b.yaml:8:28: error: bad XML: mismatched tag", 1),
    BadFile(
      destination: "body: { soap: '<a x=\"${key}\">${value.id}</b>' }", "b.yaml:8:47: error: bad XML: mismatched tag", 1
    ),
    BadFile(
      destination: "body: { soap: '<${key}/>' }", "b.yaml:8:21: error: bad XML: not well-formed (invalid token)", 1),
    BadFile(
      destination: "body: { soap: '<a><!-- ${key} --></a>' }",
      "b.yaml:8:28: error: bad XML: a reference may stand in text and in an attribute's value only", 1),
    BadFile(
      destination: "body: { soap: '<?xml version=\"1.0\"?><a/>' }",
      "b.yaml:8:20: error: bad XML: XML or text declaration not at start of entity", 1),
    BadFile(destination: "response: { acept_when: .a }", "b.yaml:8:17: error: unknown key 'acept_when'", 1),
    BadFile(destination: "response: { accept_when: ' ' }", "b.yaml:8:30: error: an empty jq program", 1),
  ]

  private static let bodies: [BadFile] = [
    BadFile(
      destination: "body: { json: { id: ${value.id} } }",
      "b.yaml:8:26: error: bad YAML: did not find expected ',' or '}'", 1),
    BadFile(destination: "body: {}", "b.yaml:8:11: error: an empty map", 1),
    BadFile(destination: "body: { json: { a: 1 }, form: { a: 1 } }", "b.yaml:8:29: error: both 'json' and 'form'", 1),
    BadFile(destination: "body: { jsno: { a: 1 } }", "b.yaml:8:13: error: unknown key 'jsno'", 1),
    BadFile(destination: "body: { version: 1.2 }", "b.yaml:8:5: error: a body of no kind", 2),
    BadFile(destination: "body: { text: a, version: 1.2 }", "b.yaml:8:22: error: 'version' without 'soap'", 1),
    BadFile(destination: "body: raw", "b.yaml:8:11: error: expected a map, found text", 1),
    BadFile(destination: "body: { json: { a: \"${vlue}\" } }", "b.yaml:8:27: error: unknown root 'vlue'", 1),
    BadFile(
      destination: "body: { json: { a: { b: [1, \"${value\"] } } }", "b.yaml:8:34: error: a '${' without its '}'", 1),
    BadFile(destination: "body: { json: { a: 1, a: 2 } }", "b.yaml:8:27: error: duplicate key 'a'", 1),
    BadFile(destination: "body: { json: { \"${key}\": 2 } }", "b.yaml:8:21: error: a template in a name", 1),
    BadFile(destination: "body: { json: { a: 0x1F } }", "b.yaml:8:24: error: '0x1F' is no number in JSON", 1),
    BadFile(destination: "body: { json: { a: .inf } }", "b.yaml:8:24: error: '.inf' is no number in JSON", 1),
    BadFile(destination: "body: { json: { a: 007 } }", "b.yaml:8:24: error: '007' is no number in JSON", 1),
    BadFile(
      destination: "body: { soap: '<a/>', version: 1.3 }", "b.yaml:8:36: error: expected one of 1.1, 1.2, found '1.3'",
      1),
    BadFile(destination: "body: { soap: '' }", "b.yaml:8:19: error: empty text", 1),
    BadFile(destination: "body: { graphql: { variables: { a: 1 } } }", "b.yaml:8:13: error: missing key 'query'", 1),
    BadFile(
      destination: "body: { graphql: { query: \"{ a(id: ${value.id}) }\" } }",
      "b.yaml:8:40: error: a template in a GraphQL query", 1),
    BadFile(
      destination: "body: { graphql: { query: \"{ a }\", variables: [1] } }",
      "b.yaml:8:51: error: expected a map, found a list", 1),
    BadFile(destination: "body: { form: { a: { b: 1 } } }", "b.yaml:8:24: error: expected text, found a map", 1),
    BadFile(destination: "body: { text: 5 }", "b.yaml:8:19: error: expected text, found a number", 1),
    BadFile(destination: "body: { chat: { model: m } }", "b.yaml:8:13: error: missing key 'prompt'", 1),
    BadFile(
      destination: "body: { chat: { model: \"${value.m}\", prompt: p } }",
      "b.yaml:8:29: error: a template in a model's name", 1),
    BadFile(
      destination: "body: { chat: { model: m, prompt: p, temperature: 3 } }",
      "b.yaml:8:55: error: '3' is not a number from 0 to 2", 1),
    BadFile(
      destination: "body: { chat: { model: m, prompt: p, temperature: hot } }",
      "b.yaml:8:55: error: expected a number from 0 to 2, found text", 1),
    BadFile(
      destination: "body: { chat: { model: m, prompt: p, max_token: 3 } }",
      "b.yaml:8:42: error: unknown key 'max_token'", 1),
    BadFile(destination: "body: { jq: '' }", "b.yaml:8:17: error: an empty jq program", 1),
    BadFile(destination: "cloudevents: { source: /a }", "b.yaml:8:5: error: missing key 'type'", 1),
    BadFile(
      destination: "cloudevents: { type: t, source: 'a b' }", "b.yaml:8:37: error: a source that is no URI reference", 1
    ),
    BadFile(
      destination: "cloudevents: { type: t, source: /a, mode: binry }",
      "b.yaml:8:47: error: expected one of binary, structured, batched, found 'binry'", 1),
    BadFile(
      destination: "cloudevents: { type: \"${headers}\", source: /a }", "b.yaml:8:29: error: 'headers' without a name",
      1),
  ]

  private static let logins: [BadFile] = [
    BadFile(
      destination: "auth: { bearer: {env: SET}, basic: { username: u, password: {env: SET} } }",
      "b.yaml:8:33: error: both 'bearer' and 'basic'", 1),
    BadFile(destination: "auth: { barer: hunter2 }", "b.yaml:8:13: error: unknown key 'barer'", 1),
    BadFile(destination: "auth: hunter2", "b.yaml:8:11: error: expected a map, found text", 1),
    BadFile(destination: "auth: { bearer: {env: NOT_SET} }", "b.yaml:8:27: error: the environment has no 'NOT_SET'", 1),
    BadFile(
      destination: "auth: { bearer: {env: SPACED} }",
      "b.yaml:8:27: error: a space at the start or the end of a secret for a header", 1),
    BadFile(
      destination: "auth: { bearer: {env: LONG} }",
      "b.yaml:8:27: error: a secret for a header of more than 8192 bytes", 1),
    BadFile(
      destination: "auth: { bearer: {env: BINARY} }", "b.yaml:8:27: error: the environment's 'BINARY' is not UTF-8", 1),
    BadFile(
      destination: "auth: { basic: { username: \"a:b\", password: {env: SET} } }",
      "b.yaml:8:32: error: a ':' in a user's name, where the password would begin", 1),
    BadFile(destination: "auth: { basic: { username: u } }", "b.yaml:8:13: error: missing key 'password'", 1),
    BadFile(
      destination: "auth: { api_key: { value: {env: SET} } }", "b.yaml:8:13: error: an API key's place of no kind", 1),
    BadFile(
      destination: "auth: { api_key: { header: X-A, query: a, value: {env: SET} } }",
      "b.yaml:8:37: error: both 'header' and 'query'", 1),
    BadFile(
      destination: "auth: { api_key: { header: Host, value: {env: SET} } }",
      "b.yaml:8:32: error: the header 'Host' cannot be set", 1),
    BadFile(
      destination: "auth: { oauth2: { client_id: c, client_secret: {env: SET} } }",
      "b.yaml:8:13: error: missing key 'token_url'", 1),
    BadFile(
      destination: "auth: { oauth2: { token_url: \"https://h/${key}\", client_id: c, client_secret: {env: SET} } }",
      "b.yaml:8:34: error: a '${' in a URL that takes no templates", 1),
    BadFile(
      destination:
        "auth: { oauth2: { token_url: https://h/, client_id: c, client_secret: {env: SET}, parameters: { scope: a } } }",
      "b.yaml:8:101: error: the parameter 'scope' cannot be set here", 1),
    BadFile(
      destination:
        "auth: { oauth2: { token_url: https://h/, client_id: c, client_secret: {env: SET}, secret_in: query } }",
      "b.yaml:8:98: error: expected one of header, body, found 'query'", 1),
    BadFile(
      destination: "auth: { sigv4: { service: s, region: r, access_key_id: {env: SET} } }",
      "b.yaml:8:45: error: 'access_key_id' without 'secret_access_key'", 1),
    BadFile(
      destination: "auth: { sigv4: { service: s, region: r } }",
      "b.yaml:8:13: error: no 'access_key_id', and the environment has no 'AWS_ACCESS_KEY_ID'", 2),
    BadFile(
      destination: "auth: { sigv4: { service: s, region: 'a/b' } }",
      "b.yaml:8:13: error: no 'access_key_id', and the environment has no 'AWS_ACCESS_KEY_ID'", 3),
    BadFile(destination: "sign: { scheme: standard-webhooks }", "b.yaml:8:5: error: missing key 'secrets'", 1),
    BadFile(
      destination: "sign: { scheme: standard-webhook, secrets: [{env: KEY}] }",
      "b.yaml:8:21: error: expected one of standard-webhooks, found 'standard-webhook'", 1),
    BadFile(
      destination: "sign: { scheme: hmac, header: X-S, secret: {env: KEY} }", "b.yaml:8:21: error: 'hmac' is no scheme",
      2),
    BadFile(
      destination: "sign: { scheme: standard-webhooks, secret: {env: SET} }",
      "b.yaml:8:54: error: a secret of Standard Webhooks is whsec_ and Base64, and this is not", 1),
    BadFile(
      destination: "sign: { scheme: standard-webhooks, secrets: [{env: KEY}, {env: KEY}] }",
      "b.yaml:8:62: error: the same item twice", 1),
    BadFile(
      destination: "sign: { scheme: standard-webhooks, secret: {env: KEY}, secrets: [{env: KEY}] }",
      "b.yaml:8:60: error: both 'secrets' and 'secret'", 1),
    BadFile(destination: "sign: { hmac: { header: X-S } }", "b.yaml:8:13: error: missing key 'secret'", 1),
    BadFile(
      destination: "sign: { hmac: { header: X-S, secret: {env: SET}, algorithm: md5 } }",
      "b.yaml:8:65: error: expected one of sha1, sha256, sha512, found 'md5'", 1),
    BadFile(destination: "sign: { secret: {env: KEY} }", "b.yaml:8:5: error: a signature of no kind", 1),
    BadFile(
      destination: "sign: { hmac: { header: X-S, secret: {env: SET} }, secret: {env: KEY} }",
      "b.yaml:8:56: error: 'secret' beside 'hmac'", 1),
  ]

  private static let rules: [BadFile] = [
    BadFile(destination: "method: GET\n    body: { text: a }", "b.yaml:9:5: error: 'body' with the method GET", 1),
    BadFile(
      destination: "method: GET\n    compression: gzip", "b.yaml:9:5: error: 'compression' with the method GET", 1),
    BadFile(destination: "method: GET\n    batch: { records: 2 }", "b.yaml:9:5: error: 'batch' with the method GET", 1),
    BadFile(
      destination: "method: GET\n    cloudevents: { mode: structured, type: t, source: /a }",
      "b.yaml:9:5: error: 'cloudevents' with the method GET", 1),
    BadFile(
      url: "https://h/${value.id}", "batch: { records: 2 }", "b.yaml:8:5: error: 'batch' with a template in 'url'", 1),
    BadFile(
      destination: "batch: { records: 2 }\n    query: { a: \"${key}\" }",
      "b.yaml:8:5: error: 'batch' with a template in 'query'", 1),
    BadFile(
      destination: "batch: { records: 2 }\n    headers: { X-A: \"${key}\" }",
      "b.yaml:8:5: error: 'batch' with a template in 'headers'", 1),
    BadFile(
      destination: "batch: { records: 2 }\n    body: { soap: '<a/>' }",
      "b.yaml:8:5: error: 'batch' with a body of the kind 'soap'", 1),
    BadFile(
      destination: "batch: { format: cloudevents }", "b.yaml:8:5: error: 'format: cloudevents' without 'cloudevents'", 1
    ),
    BadFile(
      destination: "cloudevents: { mode: batched, type: t, source: /a }",
      "b.yaml:8:5: error: 'mode: batched' without 'batch'", 1),
    BadFile(
      destination: "batch: { records: 2 }\n    cloudevents: { type: t, source: /a }",
      "b.yaml:8:5: error: 'batch' in the format 'ndjson' with 'cloudevents' in the mode 'binary'", 1),
    BadFile(destination: "batch: { records: 0 }", "b.yaml:8:23: error: '0' is not a whole number from 1 to 100000", 1),
    BadFile(destination: "batch: { results: { id: a } }", "b.yaml:8:14: error: missing key 'path'", 1),
    BadFile(
      destination: "batch: { results: { path: a..b } }", "b.yaml:8:31: error: 'a..b' has nothing between two points", 1),
    BadFile(destination: "batch: {}", "b.yaml:8:12: error: an empty map", 1),
    BadFile(
      destination: "auth: { api_key: { header: X-Api-Key, value: {env: SET} } }\n    headers: { x-api-key: a }",
      "b.yaml:9:16: error: the header 'x-api-key' is set by 'auth'", 1),
    BadFile(
      destination: "sign: { hmac: { header: X-S, secret: {env: SET} } }\n    headers: { X-S: a }",
      "b.yaml:9:16: error: the header 'X-S' is set by 'sign'", 1),
    BadFile(
      destination: "sign: { hmac: { header: Authorization, secret: {env: SET} } }\n    auth: { bearer: {env: SET} }",
      "b.yaml:8:29: error: the header 'Authorization' is set by 'auth'", 1),
    BadFile(
      destination: "cloudevents: { type: t, source: /a }\n    headers: { ce-type: a }",
      "b.yaml:9:16: error: the header 'ce-type' is set by 'cloudevents'", 1),
    BadFile(
      destination: "compression: gzip\n    headers: { Content-Encoding: br }",
      "b.yaml:9:16: error: the header 'Content-Encoding' is set by 'compression'", 1),
    BadFile(
      destination: "auth: { api_key: { query: key, value: {env: SET} } }\n    query: { key: a }",
      "b.yaml:9:14: error: the query parameter 'key' is set by 'auth'", 1),
    BadFile(
      destination: "proxy: http://p:3128\n    allow_private_addresses: false",
      "b.yaml:8:5: error: 'allow_private_addresses: false' cannot be kept through a proxy", 1),
    BadFile(
      url: "http+unix://%2Fa.sock/", "proxy: http://p:3128", "b.yaml:8:5: error: a proxy on the way to a socket", 1),
    BadFile(destination: "required: false", "b.yaml:5:1: error: no destination is required", 1),
    BadFile(
      adding: "admin: { listen: 0.0.0.0:9640 }\n",
      "b.yaml:10:18: error: '0.0.0.0:9640' can be reached from elsewhere, and there is no 'token'", 1),
    BadFile(adding: "admin: { listen: 9640 }\n", "b.yaml:10:18: error: expected host:port, found a number", 1),
    BadFile(
      adding: "results: { topic: orders }\n", "b.yaml:10:19: error: results would go to the source topic 'orders'", 1),
    BadFile(
      adding: "results: { topic: orders.dead }\n",
      "b.yaml:10:19: error: results would go to the dead-letter topic 'orders.dead'", 1),
    BadFile(
      adding: "results: { topic: r, keep: { cmr: { body: .id } } }\n", "b.yaml:10:30: error: no destination 'cmr'", 1),
    BadFile(
      adding: "results: { topic: r, keep: { crm: { bdy: .id } } }\n", "b.yaml:10:37: error: unknown key 'bdy'", 1),
    BadFile(adding: "results: { keep: { crm: { body: .id } } }\n", "b.yaml:10:1: error: missing key 'topic'", 1),
    BadFile(
      "  topic: orders.dead\n", "  topic: orders.dead\n  compat: conect\n",
      "b.yaml:10:11: error: expected one of none, connect, found 'conect'", 1),
  ]
}
