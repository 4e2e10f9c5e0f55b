// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
]

/// One system library behind a module map; the Debian names stand in docker/debian-packages too.
func system(_ name: String, pkgConfig: String, apt: String, brew: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/CLibraries/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
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
    system("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev", brew: "libmicrohttpd"),
    room("FanOut"),
    room("Reactor", ["CUV", "COpenSSL"]),
    room("Kafka", ["FanOut", "CRdKafka"]),
    room("Payload", ["COpenSSL"]),
    room("HTTPWire", ["Reactor"]),
    room("Settings", ["CYAML"]),
    room("Destinations", ["FanOut", "HTTPWire", "Settings"]),
    room("Telemetry"),
    room(
      "Bridging",
      ["FanOut", "Reactor", "Kafka", "HTTPWire", "Payload", "Destinations", "Settings", "Telemetry", "CMicroHTTPD"]),
    .executableTarget(
      name: "topictee", dependencies: ["Bridging", "FanOut", "Kafka", "Settings", "Telemetry"], swiftSettings: strict),
    tests("FanOutTests", ["FanOut"]),
    tests("ReactorTests", ["Reactor"]),
    tests("KafkaTests", ["Kafka", "FanOut"]),
    tests("PayloadTests", ["Payload"]),
    tests("HTTPWireTests", ["HTTPWire", "Reactor"], exclude: ["Fuzz"]),
    tests("SettingsTests", ["Settings"]),
    tests("DestinationsTests", ["Destinations", "FanOut", "HTTPWire", "Settings"]),
    tests("TelemetryTests", ["Telemetry"]),
    tests("TopicteeTests", ["topictee", "Bridging", "FanOut"]),
    tests("EndToEndTests", ["FanOut", "Kafka", "Reactor", "CRdKafka"]),
    tests("TidyTests", []),
  ])
