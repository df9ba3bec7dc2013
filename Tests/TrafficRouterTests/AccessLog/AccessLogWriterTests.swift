import DeliveryModel
import Synchronization
import Testing

@testable import TrafficRouter

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite struct AccessLogWriterTests {
    /// A directory of its own, removed at the end.
    final class Place {
        let path: String
        var log: String { path + "/access.log" }

        init() throws {
            var name = Array("/tmp/nonevent-access-XXXXXX".utf8CString)
            path = try #require(mkdtemp(&name).map { String(cString: $0) })
        }

        deinit {
            for name in ["access.log", "access.log.1"] { unlink(path + "/" + name) }
            rmdir(path)
        }

        func content(_ name: String) -> [UInt8] {
            let file = open(path + "/" + name, O_RDONLY)
            guard file >= 0 else { return [] }
            defer { close(file) }
            var (bytes, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
            while true {
                let count = read(file, &chunk, chunk.count)
                guard count > 0 else { return bytes }
                bytes += chunk[..<count]
            }
        }

        func lines(_ name: String = "access.log") -> [Substring] {
            String(decoding: content(name), as: UTF8.self).split(separator: "\n")
        }
    }

    static func configuration(_ place: Place, check: Duration = .milliseconds(20)) -> AccessLogConfiguration {
        var configuration = AccessLogConfiguration(path: place.log)
        configuration.flushInterval = .milliseconds(5)
        configuration.checkInterval = check
        return configuration
    }

    static func line(_ number: Int) -> AccessLogLine {
        AccessLogSample.line(target: "/\(number)", userAgent: "agent")
    }

    static func eventually(_ what: String, _ condition: () -> Bool) {
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: .seconds(30))
        while clock.now < deadline {
            if condition() { return }
            usleep(2_000)
        }
        Issue.record("did not happen within 30 s: \(what)")
    }

    @Test func linesAreThereSoonAndAppended() throws {
        let place = try Place()
        for round in 1...2 {
            let writer = try AccessLogWriter(Self.configuration(place), lanes: 1) { Issue.record("\($0)") }
            writer.sink(lane: 0).log(Self.line(round))
            Self.eventually("line \(round)") { place.lines().count == round }
            #expect(writer.stop())
            #expect(writer.counts.lines == 1)
        }
        #expect(place.lines().allSatisfy { $0.hasSuffix("}") })
    }

    @Test func stopWritesWhatIsLeft() throws {
        let place = try Place()
        var configuration = Self.configuration(place)
        configuration.flushInterval = .milliseconds(50)
        let writer = try AccessLogWriter(configuration, lanes: 2) { Issue.record("\($0)") }
        for lane in 0..<2 {
            let sink = writer.sink(lane: lane)
            for number in 0..<500 { sink.log(Self.line(number)) }
        }
        #expect(writer.stop())
        #expect(place.lines().count == 1_000)
    }

    @Test func threadsThatLogLoseAndMixNothing() throws {
        let place = try Place()
        var configuration = Self.configuration(place)
        configuration.format = .combined
        configuration.maxPendingBytes = 64 * 1024 * 1024
        let writer = try AccessLogWriter(configuration, lanes: 4) { Issue.record("\($0)") }
        let done = Atomic<Int>(0)
        let box = Box(done)
        for lane in 0..<4 {
            try WriterThread.start {
                let sink = writer.sink(lane: lane)
                for number in 0..<5_000 {
                    var line = Self.line(number)
                    line.client = "lane\(lane)"
                    sink.log(line)
                }
                #expect(sink.dropped == 0 && sink.logged == 5_000)
                box.done.add(1, ordering: .releasing)
            }
        }
        Self.eventually("all have logged") { box.done.load(ordering: .acquiring) == 4 }
        #expect(writer.stop())
        let lines = place.lines()
        #expect(lines.count == 20_000)
        for lane in 0..<4 {
            // In their order, each once.
            let numbers = lines.filter { $0.hasPrefix("lane\(lane) ") }.compactMap { line in
                line.split(separator: "\"").dropFirst().first?.split(separator: " ").dropFirst().first
            }
            #expect(numbers == (0..<5_000).map { "/\($0)" })
        }
    }

    final class Box: Sendable {
        let done: Atomic<Int>
        init(_ done: consuming Atomic<Int>) { self.done = done }
    }

    @Test func rotationIsFollowed() throws {
        let place = try Place()
        let writer = try AccessLogWriter(Self.configuration(place), lanes: 1) { Issue.record("\($0)") }
        let sink = writer.sink(lane: 0)
        sink.log(Self.line(1))
        Self.eventually("first line") { place.lines().count == 1 }
        #expect(rename(place.log, place.log + ".1") == 0)
        Self.eventually("a new file") { access(place.log, F_OK) == 0 }
        sink.log(Self.line(2))
        Self.eventually("second line") { place.lines().count == 1 }
        #expect(place.lines("access.log.1").count == 1)
        #expect(unlink(place.log) == 0)
        Self.eventually("another file") { access(place.log, F_OK) == 0 }
        writer.stop()
    }

    @Test func aSignalOpensAnew() throws {
        let place = try Place()
        let writer = try AccessLogWriter(Self.configuration(place, check: .seconds(100)), lanes: 1) {
            Issue.record("\($0)")
        }
        let sink = writer.sink(lane: 0)
        sink.log(Self.line(1))
        Self.eventually("first line") { place.lines().count == 1 }
        #expect(rename(place.log, place.log + ".1") == 0)
        sink.log(Self.line(2))
        Self.eventually("second line in the old file") { place.lines("access.log.1").count == 2 }
        writer.reopen()
        Self.eventually("a new file") { access(place.log, F_OK) == 0 }
        sink.log(Self.line(3))
        Self.eventually("third line") { place.lines().count == 1 }
        writer.stop()
    }

    @Test func aPathThatCannotBeOpenedIsRefused() throws {
        #expect(throws: RouterError.self) {
            try AccessLogWriter(AccessLogConfiguration(path: "/nonexistent/access.log"), lanes: 1) { _ in }
        }
    }

    /// A named pipe that nobody reads stands for a disk that hangs.
    @Test func loopsGoOnWhenTheWriterHangs() throws {
        let place = try Place()
        #expect(mkfifo(place.log, 0o600) == 0)
        let reader = open(place.log, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        var configuration = Self.configuration(place)
        configuration.maxPendingBytes = 400_000
        configuration.stopGrace = .milliseconds(50)
        let writer = try AccessLogWriter(configuration, lanes: 1) { _ in }
        let sink = writer.sink(lane: 0)
        let (clock, count) = (ContinuousClock(), 20_000)
        let time = clock.measure { for number in 0..<count { sink.log(Self.line(number)) } }
        #expect(sink.dropped > 0 && sink.logged + sink.dropped == UInt64(count))
        // Two batches of 200,000 bytes and what fits in the pipe.
        #expect(sink.logged < 2_500)
        #expect(time < .seconds(20))
        #expect(!writer.stop())
        // Read on, so that the thread can end: what was dropped is told in the log itself, once or twice.
        var (text, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
        var (told, lines) = (0, 0)
        Self.eventually("all lines and those about dropped ones") {
            let count = read(reader, &chunk, chunk.count)
            if count > 0 { text += chunk[..<count] }
            let all = String(decoding: text, as: UTF8.self).split(separator: "\n")
            let about = all.compactMap { line in
                line.contains("droppedLines") ? line.split(separator: ":").last.flatMap { Int($0.dropLast()) } : nil
            }
            (told, lines) = (about.reduce(0, +), all.count - about.count)
            return told == Int(sink.dropped) && lines == Int(sink.logged)
        }
        #expect(told == Int(sink.dropped) && lines == Int(sink.logged))
    }

    @Test func aFullDiskIsToldOnceAndSurvived() throws {
        let complaints = Atomic<Int>(0)
        let box = Box(complaints)
        let lane = AccessLogLane(capacity: 100_000)
        let sink = AccessLogSink(lane: lane, format: .json, sampling: AccessLogSampling())
        var pump = AccessLogPump(
            lanes: [lane], file: AccessLogFile(path: "/dev/full"), format: .json, checkInterval: 100
        ) { message in
            #expect(message.contains("/dev/full") && message.contains("No space left"))
            box.done.add(1, ordering: .relaxed)
        }
        sink.log(Self.line(1))
        for now in 0..<1_000 as Range<Int64> {
            #expect(!pump.round(now: now, wallTime: 0, reopens: false).isClear)
            sink.log(Self.line(2))
        }
        #expect(box.done.load(ordering: .relaxed) == 1)
        #expect(sink.dropped > 0)
    }
}
