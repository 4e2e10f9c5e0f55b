// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
]

/// One system library behind a module map; the Debian names stand in docker/debian-packages too.
func system(_ name: String, pkgConfig: String?, apt: String, brew: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/CLibraries/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

/// `swift test` builds for debugging; what simulations and fuzzing run ten thousands of times must be fast there too.
let fastInTests: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// The APIs of the end-to-end tests share the machine with what they measure. The C headers must be seen as the rooms in
/// their debug build see them.
let fastHarness: [SwiftSetting] = [.unsafeFlags(["-O", "-Xcc", "-O0"], .when(configuration: .debug))]

/// simdjson's flags hold one that SwiftPM refuses with a warning at each build; in Debian nothing is lost without them.
#if os(macOS)
  let simdjson: String? = "simdjson"
#else
  let simdjson: String? = nil
#endif

/// The C++ behind a C header that Swift cannot call itself; it is hot in tests too.
let cxx: [CXXSetting] = [
  .treatAllWarnings(as: .error), .unsafeFlags(["-std=c++17", "-Wall", "-Wextra"]),
  .unsafeFlags(["-O2"], .when(configuration: .debug)),
]
let c: [CSetting] = [.treatAllWarnings(as: .error), .unsafeFlags(["-Wall", "-Wextra", "-Wno-unused-function"])]

/// Debian 12's jq has no file for pkg-config, and needs none.
#if os(macOS)
  let jq: String? = "libjq"
#else
  let jq: String? = nil
#endif

func room(_ name: String, _ dependencies: [Target.Dependency] = [], _ more: [SwiftSetting] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict + more)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], _ more: [SwiftSetting] = []
) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict + more)
}

let package = Package(
  name: "topictee",
  platforms: [.macOS(.v26)],
  products: [.executable(name: "topictee", targets: ["topictee"])],
  targets: [
    system("CRdKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev", brew: "librdkafka"),
    system("CUV", pkgConfig: "libuv", apt: "libuv1-dev", brew: "libuv"),
    system("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev", brew: "openssl@3"),
    system("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev", brew: "libyaml"),
    system("CNGHTTP2", pkgConfig: "libnghttp2", apt: "libnghttp2-dev", brew: "libnghttp2"),
    system("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev", brew: "libmicrohttpd"),
    system("CSimdJSONLibrary", pkgConfig: simdjson, apt: "libsimdjson-dev", brew: "simdjson"),
    .target(
      name: "CSimdJSON", dependencies: ["CSimdJSONLibrary"], path: "Sources/CLibraries/CSimdJSON", cxxSettings: cxx,
      linkerSettings: [.linkedLibrary("simdjson")]),
    system("CJQLibrary", pkgConfig: jq, apt: "libjq-dev", brew: "jq"),
    system("CExpat", pkgConfig: "expat", apt: "libexpat1-dev", brew: "expat"),
    system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev", brew: "zlib"),
    .target(
      name: "CJQ", dependencies: ["CJQLibrary"], path: "Sources/CLibraries/CJQ", cSettings: c,
      linkerSettings: [.linkedLibrary("jq")]),
    // The faults are planted in test builds only: the simulation must catch every one.
    room("FanOut", [], fastInTests + [.define("PLANTED_FAULTS", .when(configuration: .debug))]),
    room("Reactor", ["CUV", "COpenSSL"]),
    room("Kafka", ["FanOut", "CRdKafka"]),
    room("Payload", ["COpenSSL", "CSimdJSON", "CJQ", "CExpat", "CZlib"], fastInTests),
    room("HTTPWire", ["Reactor", "CNGHTTP2"]),
    room("Settings", ["CYAML", "Payload"], fastInTests),
    room("Destinations", ["FanOut", "HTTPWire", "Payload", "Settings"], fastInTests),
    room("Telemetry"),
    room(
      "Bridging",
      ["FanOut", "Reactor", "Kafka", "HTTPWire", "Payload", "Destinations", "Settings", "Telemetry", "CMicroHTTPD"]),
    .executableTarget(
      name: "topictee", dependencies: ["Bridging", "FanOut", "Kafka", "Settings", "Telemetry"], swiftSettings: strict),
    .target(
      name: "FanOutSimulation", dependencies: ["FanOut"], path: "Tests/FanOutSimulation",
      swiftSettings: strict + fastInTests),
    tests("FanOutTests", ["FanOut", "FanOutSimulation"]),
    tests("ReactorTests", ["Reactor"]),
    tests("KafkaTests", ["Kafka", "FanOut"]),
    tests("PayloadTests", ["Payload"]),
    tests("HTTPWireTests", ["HTTPWire", "Reactor"], exclude: ["Fuzz", "Peers"]),
    tests("SettingsTests", ["Settings"]),
    tests("DestinationsTests", ["Destinations", "FanOut", "HTTPWire", "Payload", "Settings"]),
    tests("TelemetryTests", ["Telemetry"]),
    tests(
      "TopicteeTests",
      ["topictee", "Bridging", "Destinations", "FanOut", "HTTPWire", "Kafka", "Reactor", "Settings", "Telemetry"]),
    tests("EndToEndTests", ["FanOut", "Kafka", "Reactor", "CRdKafka"], fastHarness),
    tests("TidyTests", []),
  ])
