import DeliveryModel
import DeploymentDrivers
import Foundation
import Testing

@Suite(.serialized, .timeLimit(.minutes(2)))
struct InstanceLogsTests {
    @Test func logsRotateWithinTheirBoundsAndTheReaderMissesNothing() async throws {
        try await DriverWorld.run(options: ShimOptions(logFileBytes: 8192, logFiles: 3)) { world in
            let script = "i=0; while [ $$i -lt 2000 ]; do echo line $$i; i=$$((i+1)); done; echo all; sleep 60"
            let plan = try world.plan(["sh", "-c", script])
            _ = try await world.driver.start(plan)
            try await world.eventually("the last line") { world.text(world.logFile()).contains("Z all\n") }
            let directory = (world.logFile() as NSString).deletingLastPathComponent
            let files = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
            #expect(files == ["shop-1.log", "shop-1.log.1", "shop-1.log.2"])
            for file in files {
                let size = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(file)")[.size] as? Int
                // One read of the program's output is written whole, with its times.
                #expect(try #require(size) < 8192 + (16 << 10) * 6)
            }
            let lines = InstanceLogs(directory: world.root + "/logs").lines(service: plan.service, tail: 3)
            #expect(lines.last?.hasSuffix("Z all") == true)
            #expect(lines.count == 3)
        }
    }

    @Test func longLinesAreSplit() async throws {
        try await DriverWorld.run { world in
            let plan = try world.plan(["sh", "-c", "head -c 40000 /dev/zero | tr '\\0' x; echo; echo end; sleep 60"])
            _ = try await world.driver.start(plan)
            try await world.eventually("the end") { world.text(world.logFile()).contains("Z end\n") }
            let lengths = world.text(world.logFile()).split(separator: "\n").map { $0.filter { $0 == "x" }.count }
            #expect(lengths.filter { $0 > 0 } == [16384, 16384, 7232])
        }
    }

    @Test func theReaderFollowsAcrossARotation() throws {
        let path = FileManager.default.temporaryDirectory.path + "/reader-\(UUID().uuidString).log"
        defer { for end in ["", ".1"] { try? FileManager.default.removeItem(atPath: path + end) } }
        var reader = LogReader(path: path)
        #expect(reader.next() == [])
        try Data("one\ntwo\nhal".utf8).write(to: URL(fileURLWithPath: path))
        #expect(reader.next() == ["one", "two"])
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data("f\nthree\n".utf8))
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        try Data("four\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(reader.next() == ["half", "three", "four"])
        #expect(reader.next() == [])
    }

    @Test func oldLogsOfAServiceAreRemoved() async throws {
        try await DriverWorld.run { world in
            for number in 0..<30 {
                let directory = "\(world.root)/logs/shop/\(String(repeating: "b", count: 62))\(10 + number)"
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                for end in [".log", ".log.1"] {
                    try Data("x\n".utf8).write(to: URL(fileURLWithPath: "\(directory)/shop-old\(end)"))
                }
            }
            let plan = try world.plan(["sleep", "60"])
            _ = try await world.driver.start(plan)
            let left = InstanceLogs(directory: world.root + "/logs").files(service: plan.service)
            #expect(left.count <= InstanceLogs.instancesKept)
            #expect(left.last == world.logFile())
        }
    }
}
