import Testing

/// The arrows between the rooms, as `Docs/ARCHITECTURE.md` draws them.
@Suite struct RoomsTests {
    static let pure = ["DeliveryModel"]
    /// What each room may import of ours.
    static let arrows: [String: [String]] = [
        "DeliveryModel": [],
        "SystemCalls": [],
        "RolloutEngine": pure,
        "CanaryJudge": pure,
        "FlagEvaluation": [],
        "Experiments": [],
        "MigrationSafety": pure,
        "TrafficRouter": pure + ["SystemCalls"],
        "DeliveryStore": pure + ["RolloutEngine", "SystemCalls"],
        "DeploymentDrivers": pure + ["SystemCalls"],
        "DeliveryAPI": pure,
        "ControlPlane": pure + [
            "SystemCalls", "RolloutEngine", "CanaryJudge", "FlagEvaluation", "Experiments", "MigrationSafety",
            "DeliveryStore",
            "DeploymentDrivers", "DeliveryAPI",
        ],
        "DeliverySimulation": pure + ["RolloutEngine", "CanaryJudge", "FlagEvaluation", "MigrationSafety"],
        // Measures the judge in the simulator; never installed.
        "judge-bench": pure + ["DeliverySimulation", "CanaryJudge"],
        // The binary packs releases, is the shim, judges recorded ticks by itself, and gives simulations a store.
        "nonevent": pure + [
            "ControlPlane", "TrafficRouter", "DeliveryAPI", "DeliveryStore", "DeploymentDrivers", "CanaryJudge",
            "DeliverySimulation",
        ],
    ]
    /// Rooms without input or output: nothing of the system's, no clock, no chance.
    static let quiet = ["RolloutEngine", "CanaryJudge", "FlagEvaluation", "MigrationSafety"]
    static let loudImports = ["Glibc", "Musl", "Darwin", "Dispatch", "Foundation", "NIOCore", "NIOPosix", "Subprocess"]

    @Test func arrowsGoDownOnly() throws {
        let rooms = Set(try Tree.rooms())
        for file in try Tree.sources() {
            let room = String(file.path.split(separator: "/")[1])
            let allowed = try #require(Self.arrows[room], "\(room) is a new room: say here what it may import")
            for imported in Self.imports(file) where rooms.contains(imported) && imported != room {
                #expect(allowed.contains(imported), "\(file.path): \(room) must not import \(imported)")
            }
        }
    }

    @Test func pureRoomsStayPure() throws {
        for file in try Tree.sources() {
            let room = String(file.path.split(separator: "/")[1])
            guard Self.quiet.contains(room) else { continue }
            for imported in Self.imports(file) where Self.loudImports.contains(imported) {
                // Logarithms and the like are in the C library; a pure room may take them, and them alone.
                if ["Glibc", "Musl", "Darwin"].contains(imported), room == "CanaryJudge" { continue }
                Issue.record("\(file.path): \(room) is pure and must not import \(imported)")
            }
            for (number, line) in file.lines.enumerated() {
                for impure in ["Date()", "UUID()", ".random(", "ContinuousClock", "Task.sleep"]
                where code(line).contains(impure) {
                    Issue.record("\(file.path):\(number + 1): a pure room takes this as input: \(impure)")
                }
            }
        }
    }

    @Test func everyRoomIsATarget() throws {
        let package = try Tree.file("Package.swift").text
        for room in try Tree.rooms() {
            #expect(package.contains("name: \"\(room)\""), "Package.swift has no target \(room)")
        }
    }

    @Test func everyRoomIsExplained() throws {
        let text = try Tree.file("Docs/ARCHITECTURE.md").text
        for room in try Tree.rooms() {
            #expect(text.contains("`\(room)`"), "Docs/ARCHITECTURE.md does not name \(room)")
        }
    }

    @Test(arguments: ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Docs/ARCHITECTURE.md", ".ci/run", "Makefile"])
    func theHouseHasItsPapers(_ path: String) throws {
        #expect(Tree.exists(path), "\(path) is missing")
        if Tree.exists(path) { #expect(try Tree.file(path).text.count > 100, "\(path) says next to nothing") }
    }

    @Test func importsAreFound() {
        let file = Tree.File(
            path: "x",
            lines: [
                "public import DeliveryModel", "@testable import RolloutEngine", "import struct Foundation.URL",
                "// import X",
            ],
            text: "")
        #expect(Self.imports(file) == ["DeliveryModel", "RolloutEngine", "Foundation"])
    }

    /// Modules of the `import` lines, whatever stands before and after.
    private static func imports(_ file: Tree.File) -> [String] {
        let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        let before: Set = [
            "public", "package", "internal", "fileprivate", "private", "@testable", "@preconcurrency", "@_exported",
        ]
        return file.lines.compactMap { line in
            var words = line.split(whereSeparator: \.isWhitespace).map(String.init)[...]
            while let word = words.first, before.contains(word) || word.hasPrefix("@_spi") { words.removeFirst() }
            guard words.first == "import" else { return nil }
            words.removeFirst()
            if let word = words.first, kinds.contains(word) { words.removeFirst() }
            return words.first?.split(separator: ".").first.map(String.init)
        }
    }
}
