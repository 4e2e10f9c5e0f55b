extension Command {
  /// Every command, in the order of the help.
  static let all = [
    Command(
      name: "run", arguments: ["CONFIG"], options: [], help: "deliver until SIGTERM",
      details: """
        Reads the topic, sends every record to every destination, commits what all of them have. SIGTERM or SIGINT
        drains, commits and leaves the group; a second one ends at once.
        """),
    Command(
      name: "check", arguments: ["CONFIG"],
      options: [
        CommandOption(
          name: "connect", value: nil, help: "also try the broker, the topics and every API; sends no event"),
        CommandOption(name: "sample", value: "FILE", help: "show what each API would get for the JSON value in FILE"),
        CommandOption(
          name: "explain", value: "KEY", help: "say where a value comes from, such as destinations.crm.timeout"),
        CommandOption(name: "json", value: nil, help: "write one JSON object to standard output"),
      ], help: "say whether the file is valid, and what it would do",
      details: """
        Reports all errors at once, each with file, line, column and a caret. Exit 0 if there is none, else 78;
        64 for a key that --explain does not know, 69 if --connect could not reach something.

        --json writes "valid", "diagnostics" (a list of file, line, column, severity, message, hint), "settings" where
        the file is valid, and then "explanations", "requests" or "connections" where they were asked for.

        Every key of the file can be overridden by an environment variable: TOPICTEE_ and the path in upper case, with
        two underscores between levels: TOPICTEE_KAFKA__GROUP, TOPICTEE_DESTINATIONS__CRM__URL.
        """),
    Command(
      name: "init", arguments: ["FILE"],
      options: [
        CommandOption(name: "topic", value: "T", help: "the topic to read; orders by default"),
        CommandOption(name: "force", value: nil, help: "overwrite FILE"),
      ], help: "write a commented minimal config to FILE",
      details: """
        On a terminal it asks for brokers, topic, group and the URLs of the APIs; elsewhere examples stand for them.
        A file that is there is left alone: exit 64.
        """),
    Command(
      name: "publish", arguments: ["[CONFIG]", "[FILE]"],
      options: [
        CommandOption(name: "brokers", value: "B", help: "host:port, instead of CONFIG"),
        CommandOption(name: "topic", value: "T", help: "the topic; with CONFIG its own by default"),
        CommandOption(name: "key", value: "K", help: "the key of every record; none by default"),
      ],
      help: "send each line of FILE or standard input to the topic, as a record",
      details: """
        With --brokers the only argument is FILE. Every line is one record's value, byte for byte: as a rule JSON, but
        nothing asks for that, so put a value that goes over several lines on one first (jq -c). Empty lines are passed
        over.
        """),
    Command(
      name: "results", arguments: ["CONFIG"],
      options: [
        CommandOption(
          name: "since", value: "T", help: "rows written since a time (2026-01-31T12:00:00Z) or for an age (2h)"),
        CommandOption(name: "follow", value: nil, help: "go on at the end, with what comes"),
        CommandOption(
          name: "csv", value: nil, help: "write CSV (RFC 4180), with a column for each thing that is known"),
        CommandOption(name: "json", value: nil, help: "write the rows as they stand on the topic, one a line"),
      ], help: "the results topic as a table: what became of each record at each API",
      details: """
        Reads the topic that the config names under results, without joining a group, and ends at its end. There is a row
        for each record, with its key and a column for each API of the config; rows of one partition stand in the order
        in which they were written. Exit 78 for a config that writes no results, 69 for a broker that is not reachable.
        """),
    Command(
      name: "demo", arguments: [],
      options: [
        CommandOption(name: "for", value: "20s", help: "how long to publish events; up to 1h"),
        CommandOption(name: "rate", value: "50/s", help: "events a second; up to 10000/s"),
        CommandOption(
          name: "events", value: "N", help: "publish N events and end when they are settled; up to 1000000"),
      ],
      help: "embedded Kafka and two local APIs, nothing to install",
      details: """
        crm answers at once; erp is slow, sometimes fails, is down for a while and refuses some events. The address of
        the embedded broker is printed: kcat and `topictee publish` can send to it. On a terminal a picture is redrawn;
        elsewhere, and under NO_COLOR, there is a line a second. At the end what stands in the topics is compared with
        what the APIs accepted: exit 0 if nothing is lost, else 1. SIGINT and SIGTERM end it early, with the summary.

        --events N without --rate: at 50/s, or as fast as it takes to be done within --for. Either way publishing waits
        while 10000 events are not settled, and so goes no faster than erp.
        """),
    Command(
      name: "schema", arguments: [], options: [], help: "print the JSON Schema (draft-07) of the config, for editors",
      details: """
        A YAML language server checks a file that begins with
        `# yaml-language-server: $schema=bridge.schema.json`, the name of a file that holds the schema.
        """),
    Command(
      name: "completions", arguments: ["bash|zsh|fish"], options: [], help: "print what completes commands in a shell",
      details: """
        bash: source <(topictee completions bash)

        zsh: source <(topictee completions zsh), after compinit

        fish: topictee completions fish | source
        """),
    Command(
      name: "manual", arguments: [], options: [], help: "print the manual page (roff)",
      details: "To read it: topictee manual > topictee.1 && man ./topictee.1"),
  ]
}
