import DeliveryModel
import Testing

/// Counts of which only what changed is read.
@Suite struct TrafficMeasuresTests {
    private func reading(
        _ number: UInt64?, since: UInt64? = nil, epoch: String = "e", _ counts: [String: UInt64], gone: [String] = []
    ) throws -> TrafficMeasures {
        let digest = try digest()
        var measures = TrafficMeasures(epoch: epoch, generation: number ?? 0, unmatched: number ?? 0)
        for (name, requests) in counts {
            measures.services[try #require(ServiceName(name))] = [digest: ReleaseMeasures(requests: requests)]
        }
        (measures.reading, measures.since) = (number, since)
        for name in gone { measures.gone = [try #require(ServiceName(name)): [digest]] }
        return measures
    }

    private func digest() throws -> ReleaseDigest { try #require(ReleaseDigest(String(repeating: "a", count: 64))) }

    private func counts(_ measures: TrafficMeasures) throws -> [String: UInt64] {
        let digest = try digest()
        return measures.services.reduce(into: [:]) { $0[$1.key.text] = $1.value[digest]?.requests }
    }

    @Test func whatChangedTakesThePlaceOfWhatWas() throws {
        var known = try reading(3, ["a": 1, "b": 2, "c": 3])
        known.follow(try reading(4, since: 3, ["b": 5], gone: ["c"]))
        #expect(try counts(known) == ["a": 1, "b": 5])
        #expect(known.services.count == 2, "a service without releases is not there any more")
        #expect(known.reading == 4 && known.generation == 4 && known.unmatched == 4 && known.since == nil)
    }

    @Test func whatWentAndCameBackIsThere() throws {
        var known = try reading(3, ["a": 9])
        known.follow(try reading(4, since: 3, ["a": 1], gone: ["a"]))
        #expect(try counts(known) == ["a": 1])
    }

    @Test func anAnswerThatWasOvertakenChangesNothing() throws {
        var known = try reading(5, ["a": 5])
        known.follow(try reading(4, since: 2, ["a": 4], gone: ["b"]))
        known.follow(try reading(3, ["a": 3]))
        #expect(try counts(known) == ["a": 5] && known.reading == 5)
    }

    @Test func aWholeReadingReplacesAll() throws {
        var known = try reading(5, ["a": 5, "b": 5])
        known.follow(try reading(6, ["a": 6]))
        #expect(try counts(known) == ["a": 6])
        known.follow(try reading(1, epoch: "of the next router", ["c": 0]))
        #expect(try counts(known) == ["c": 0] && known.reading == 1)
    }

    @Test func anOlderRoutersCountsAreWhole() throws {
        var known = try reading(5, ["a": 5])
        known.follow(try reading(nil, epoch: "older", ["b": 1]))
        #expect(try counts(known) == ["b": 1] && known.reading == nil)
        known.follow(try reading(nil, epoch: "older", ["b": 2]))
        #expect(try counts(known) == ["b": 2])
    }

    @Test func changesOfAnotherEpochAreNeverMixedIn() throws {
        var known = try reading(5, ["a": 5])
        known.follow(try reading(9, since: 8, epoch: "other", ["b": 1]))
        #expect(try counts(known) == ["a": 5])
    }
}
