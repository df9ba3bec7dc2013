import DeliveryModel
import DeliveryStore
import Glibc
import Testing

@Suite struct DeliveryDatabaseTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func whatWasCommittedIsThereAfterReopening() throws {
        let time = Timestamp(microseconds: 5)
        let kept = OutboxEffect(id: "b", service: "shop", generation: .max, payload: #"{"x":1}"#, createdAt: time)
        let done = OutboxEffect(id: "a", service: "shop", generation: 1, payload: "{}", createdAt: time)
        do {
            let database = try DeliveryDatabase(directory: scratch.path)
            let entries = try database.commit(
                journal: [draft(1), draft(2, service: nil)], states: ["shop": #"{"v":1}"#, "other": "{}"],
                addEffects: [done, kept])
            #expect(entries.map(\.sequence) == [1, 2])
            #expect(entries[0].previousHash == JournalEntry.genesisHash)
            #expect(entries[1].previousHash == entries[0].hash)
            try database.commit(journal: [draft(3)], states: ["shop": #"{"v":2}"#], removeEffects: ["a", "never"])
        }
        let database = try DeliveryDatabase(directory: scratch.path)
        let loaded = try database.load()
        #expect(loaded.states == ["shop": #"{"v":2}"#, "other": "{}"])
        #expect(loaded.outbox == [kept])
        #expect(loaded.lastSequence == 3)
        #expect(try database.verify().isIntact)
        try database.checkpoint()
    }

    @Test func anEffectIssuedAgainReplacesItselfInPlace() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        func effect(_ id: String, _ generation: UInt64) -> OutboxEffect {
            OutboxEffect(
                id: id, service: "s", generation: generation, payload: "{}", createdAt: Timestamp(microseconds: 0))
        }
        try database.commit(journal: [], addEffects: [effect("a", 1), effect("b", 1)])
        try database.commit(journal: [], addEffects: [effect("a", 2)])
        #expect(try database.load().outbox == [effect("a", 2), effect("b", 1)])
    }

    @Test func aRefusedEntryLeavesNothing() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        var bad = draft(2)
        bad.data = "[1]"
        let error = storeError { try database.commit(journal: [draft(1), bad], states: ["shop": "{}"]) }
        #expect(error?.code == .refused)
        let long = JournalDraft(
            time: bad.time, service: nil, kind: "k", actor: "a",
            data: "{\"x\":\"" + String(repeating: "x", count: DatabaseLimits.textBytes) + "\"}")
        #expect(storeError { try database.commit(journal: [long]) }?.code == .refused)
        let loaded = try database.load()
        #expect(loaded.states.isEmpty && loaded.outbox.isEmpty && loaded.lastSequence == 0)
        #expect(try database.entries(after: 0).isEmpty)
    }

    @Test func entriesAreFilteredAndPaged() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        try database.commit(journal: [
            draft(1), draft(2, service: "api"), draft(3, kind: "undo.done"), draft(4, service: nil), draft(5),
        ])
        func numbers(_ after: Int64, _ service: String?, _ limit: Int, _ kinds: Set<String>?) throws -> [Int64] {
            try database.entries(after: after, service: service, limit: limit, kinds: kinds).map(\.sequence)
        }
        #expect(try numbers(0, nil, 100, nil) == [1, 2, 3, 4, 5])
        #expect(try numbers(1, "shop", 100, nil) == [3, 5])
        #expect(try numbers(0, "shop", 1, ["undo.done"]) == [3])
        #expect(try numbers(0, nil, 2, ["deploy.accepted", "x"]) == [1, 2])
        #expect(try numbers(0, nil, 100, []) == [])
        #expect(try numbers(0, nil, -1, nil) == [])
    }

    @Test func theNewestEntriesAreReadFromTheEnd() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        try database.commit(journal: [draft(1), draft(2, service: "api"), draft(3), draft(4, service: nil), draft(5)])
        func numbers(_ before: Int64, _ service: String?, _ limit: Int) throws -> [Int64] {
            try database.entries(before: before, service: service, limit: limit).map(\.sequence)
        }
        #expect(try numbers(.max, nil, 2) == [4, 5])
        #expect(try numbers(4, nil, 100) == [1, 2, 3])
        #expect(try numbers(.max, "shop", 2) == [3, 5])
        #expect(try numbers(3, "shop", 2) == [1])
        #expect(try numbers(1, nil, 100) == [])
        #expect(try numbers(.max, nil, -1) == [])
    }

    @Test func aSecondOwnerIsRefusedUntilTheFirstIsGone() throws {
        var first: DeliveryDatabase? = try DeliveryDatabase(directory: scratch.path)
        #expect(try first?.load().lastSequence == 0)
        let error = storeError { _ = try DeliveryDatabase(directory: scratch.path) }
        #expect(error?.code == .locked)
        #expect(
            error?.message
                == "another control plane (pid \(getpid())) uses \(scratch.path); stop it or give another --data")
        first = nil
        #expect(storeError { _ = try DeliveryDatabase(directory: scratch.path) } == nil)
    }

    @Test func aDamagedFileIsReportedAndLeftAlone() throws {
        try DeliveryDatabase(directory: scratch.path).commit(journal: (1...200).map { draft($0) })
        var bytes = try scratch.read("nonevent.sqlite")
        for index in 4096..<bytes.count { bytes[index] = 0xA5 }
        try scratch.write("nonevent.sqlite", bytes)
        for _ in 1...2 {
            let error = storeError { _ = try DeliveryDatabase(directory: scratch.path) }
            #expect(error?.code == .corrupt)
            #expect(error?.message.contains("nonevent.sqlite") == true)
            #expect(error?.message.contains("aside") == true)
        }
        #expect(try scratch.read("nonevent.sqlite") == bytes)
        try scratch.write("nonevent.sqlite", Array("this is not a database at all. ".utf8) + bytes)
        #expect(storeError { _ = try DeliveryDatabase(directory: scratch.path) }?.code == .corrupt)
        unlink(scratch.path + "/nonevent.sqlite")
        #expect(storeError { _ = try DeliveryDatabase(directory: scratch.path) }?.code == .corrupt)
        #expect(!Scratch.exists(scratch.path + "/nonevent.sqlite"))
    }

    @Test func responsesAreRememberedForADay() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        let start = Timestamp(microseconds: 1_700_000_000_000_000)
        let response = IdempotentResponse(fingerprint: "f", status: 202, body: [0, 1, 255])
        try database.remember(key: "k", response: response, at: start)
        #expect(try database.idempotent(key: "k", at: start + .seconds(86_400)) == response)
        #expect(try database.idempotent(key: "k", at: start + .seconds(86_401)) == nil)
        #expect(try database.idempotent(key: "other", at: start) == nil)
        try database.remember(key: "later", response: response, at: start + .seconds(90_000))
        #expect(try database.idempotent(key: "k", at: start) == nil, "it was pruned, not only hidden")
        #expect(storeError { try database.remember(key: "", response: response, at: start) }?.code == .refused)
    }

    @Test func ticksAreBoundedAndPruned() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        let start = Timestamp(microseconds: 1_700_000_000_000_000)
        func ticks(_ range: ClosedRange<Int>, _ rollout: String) -> [VerdictTick] {
            range.map { VerdictTick(rollout: rollout, t: Double($0), line: "{\"t\":\($0)}") }
        }
        try database.append(ticks: ticks(1...3, "old"), at: start)
        try database.append(ticks: ticks(1...DatabaseLimits.ticksPerRollout + 5, "r"), at: start)
        #expect(try database.ticks(rollout: "old").count == 3)
        let lines = try database.ticks(rollout: "r")
        #expect(lines.count == DatabaseLimits.ticksPerRollout)
        #expect(lines.first == #"{"t":6}"#)
        try database.append(ticks: ticks(1...1, "new"), at: start + DatabaseLimits.tickAge + .seconds(1))
        #expect(try database.ticks(rollout: "old").isEmpty)
        #expect(try database.ticks(rollout: "new").count == 1)
    }

    @Test(.enabled(if: getuid() == 0, "mounting needs root"))
    func aFullDiskFailsOneCommitAndNotTheNext() throws {
        let status = mount("tmpfs", scratch.path, "tmpfs", 0, "size=1m")
        guard status == 0 else {
            // A container without CAP_SYS_ADMIN: nothing can be proved here.
            #expect(errno == EPERM)
            return
        }
        defer { umount2(scratch.path, Int32(MNT_DETACH)) }
        let database = try DeliveryDatabase(directory: scratch.path)
        try database.commit(journal: [draft(1)], states: ["shop": "{}"])
        try? scratch.write("ballast", [UInt8](repeating: 1, count: 400_000))
        let filler = String(repeating: "x", count: 20_000)
        var failure: StoreError?
        var written: Int64 = 1
        for number in 2...200 {
            failure = storeError { try database.commit(journal: [draft(number)], states: ["k\(number)": filler]) }
            if failure != nil { break }
            written += 1
        }
        #expect(failure?.code == .full)
        #expect(try database.load().lastSequence == written)
        #expect(try database.load().states["k\(written + 1)"] == nil)
        unlink(scratch.path + "/ballast")
        try database.commit(journal: [draft(500)], states: ["shop": filler])
        #expect(try database.load().lastSequence == written + 1)
        #expect(try database.verify().isIntact)
    }
}
