// swift-tools-version:6.2
import PackageDescription

// House rules for every target of ours: see Docs/ARCHITECTURE.md for the rooms and the arrows between them.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

// Rooms that only calculate are optimised in debug builds too: their tests simulate weeks of traffic.
let calculating = settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
    name: "nonevent",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "nonevent", targets: ["nonevent"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        .target(
            name: "DeliveryModel",
            dependencies: [.product(name: "Yams", package: "Yams")],
            swiftSettings: settings),
        .target(
            name: "SystemCalls",
            dependencies: [.product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: settings),
        .target(name: "RolloutEngine", dependencies: ["DeliveryModel"], swiftSettings: calculating),
        .target(name: "CanaryJudge", dependencies: ["DeliveryModel"], swiftSettings: calculating),
        .target(
            name: "TrafficRouter",
            dependencies: [
                "DeliveryModel", "SystemCalls",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings),
        .target(
            name: "DeliveryStore",
            dependencies: [
                "DeliveryModel", "RolloutEngine", "SystemCalls",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(
            name: "DeploymentDrivers",
            dependencies: [
                "DeliveryModel", "SystemCalls",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .target(
            name: "DeliveryAPI",
            dependencies: [
                "DeliveryModel",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .target(
            name: "ControlPlane",
            dependencies: [
                "DeliveryModel", "SystemCalls", "RolloutEngine", "CanaryJudge", "DeliveryStore", "DeploymentDrivers",
                "DeliveryAPI",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .target(
            name: "DeliverySimulation", dependencies: ["CanaryJudge", "DeliveryModel", "RolloutEngine"],
            swiftSettings: calculating),
        .executableTarget(
            name: "judge-bench", dependencies: ["DeliverySimulation", "CanaryJudge", "DeliveryModel"],
            swiftSettings: settings),
        .executableTarget(
            name: "nonevent",
            dependencies: [
                "ControlPlane", "TrafficRouter", "DeliveryAPI", "DeliveryModel", "DeliveryStore", "DeploymentDrivers",
                "CanaryJudge", "DeliverySimulation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(name: "DeliveryModelTests", dependencies: ["DeliveryModel"], swiftSettings: settings),
        .testTarget(name: "SystemCallsTests", dependencies: ["SystemCalls"], swiftSettings: settings),
        .testTarget(
            name: "RolloutEngineTests", dependencies: ["RolloutEngine", "DeliveryModel"], swiftSettings: calculating),
        .testTarget(
            name: "CanaryJudgeTests", dependencies: ["CanaryJudge", "DeliveryModel"], swiftSettings: calculating),
        .testTarget(
            name: "TrafficRouterTests",
            dependencies: [
                "TrafficRouter", "DeliveryModel", "SystemCalls",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "DeliveryStoreTests",
            dependencies: [
                "DeliveryStore", "DeliveryModel",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "DeploymentDriversTests",
            dependencies: [
                "DeploymentDrivers", "DeliveryModel", "TrafficRouter",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "DeliverySimulationTests",
            dependencies: ["DeliverySimulation", "CanaryJudge", "DeliveryModel", "RolloutEngine"],
            swiftSettings: settings),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "ControlPlane", "CanaryJudge", "DeliveryAPI", "DeliveryModel", "DeliveryStore", "DeploymentDrivers",
                "RolloutEngine",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .testTarget(name: "TidyTests", swiftSettings: settings),
        .testTarget(name: "EndToEndTests", dependencies: ["nonevent"], swiftSettings: settings),
    ]
)
