// swift-tools-version:6.2
import PackageDescription

// The parser alone, with libFuzzer and AddressSanitizer: see run.sh.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]
// For size: code that is inlined many times would be as many places to reach.
let parser: SwiftSetting = .unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library", "-enable-testing", "-Osize"])
// Without coverage: new ways through the harness itself are not worth an input.
let harness: SwiftSetting = .unsafeFlags(["-sanitize=address", "-parse-as-library"])

let package = Package(
    name: "http1-fuzz",
    platforms: [.macOS(.v15)],
    targets: [
        .target(name: "TrafficRouter", swiftSettings: settings + [parser]),
        .executableTarget(
            name: "HTTP1Fuzz", dependencies: ["TrafficRouter"], swiftSettings: settings + [harness],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])]),
    ])
