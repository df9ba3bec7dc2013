import DeliveryModel
import DeliveryStore
import Testing

@Suite struct BaselineBlockTests {
    let scratch: Scratch
    let start = Timestamp(microseconds: 1_700_000_100_000_000)

    init() throws { scratch = try Scratch() }

    private func block(_ service: String, _ number: Int, _ line: String = "{}") -> BaselineBlock {
        BaselineBlock(service: service, start: start + .seconds(300 * number), line: line)
    }

    @Test func blocksAreKeptInOrderOfTime() throws {
        do {
            let database = try DeliveryDatabase(directory: scratch.path)
            try database.append(blocks: [block("shop", 1), block("shop", 0), block("api", 1)], at: start)
            try database.append(blocks: [], at: start)
        }
        let database = try DeliveryDatabase(directory: scratch.path)
        #expect(try database.blocks(since: start) == [block("shop", 0), block("api", 1), block("shop", 1)])
        let later = try database.blocks(since: start + .seconds(1))
        #expect(later.filter { $0.service == "shop" } == [block("shop", 1)])
    }

    @Test func aBlockCountedAgainReplacesTheOlder() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        try database.append(blocks: [block("shop", 0, "1"), block("api", 0, "2")], at: start)
        try database.append(blocks: [block("shop", 0, "3")], at: start)
        #expect(try database.blocks(since: start).map(\.line) == ["2", "3"])
    }

    @Test func oldOnesAndThoseInTheFutureArePruned() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        let day = 25 * 12
        try database.append(blocks: [block("shop", -day - 1), block("shop", -day), block("shop", day + 1)], at: start)
        let everything = Timestamp(microseconds: 0)
        #expect(try database.blocks(since: everything) == [block("shop", -day)])
        try database.append(blocks: [block("api", 1)], at: start + .seconds(300))
        #expect(try database.blocks(since: everything) == [block("api", 1)])
    }

    @Test func theOldestGoBeyondTheLimit() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        let services = (0..<1_001).map { "service-\($0)" }
        let blocks = (0..<20).flatMap { number in services.map { block($0, number) } }
        try database.append(blocks: blocks, at: start)
        let kept = try database.blocks(since: start)
        #expect(kept.count == DatabaseLimits.baselineBlocks)
        #expect(kept.filter { $0.start == start }.count == 1_001 - 20)
    }

    @Test func aLineThatIsTooLongIsRefusedWithAllOthers() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        let long = block("shop", 1, String(repeating: "x", count: DatabaseLimits.baselineBlockBytes + 1))
        let error = storeError { try database.append(blocks: [block("shop", 0), long], at: start) }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("service 'shop'") == true)
        #expect(try database.blocks(since: start).isEmpty)
    }
}
