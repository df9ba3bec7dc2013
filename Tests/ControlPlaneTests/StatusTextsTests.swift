import DeliveryAPI
import DeliveryModel
import NIOCore
import Testing

@testable import ControlPlane

@Suite struct StatusTextsTests {
    @Test func theListIsWhatTheEncoderWrites() throws {
        let texts = StatusTexts()
        func expect(_ all: [ServiceStatus]) throws {
            #expect(try String(buffer: texts.list(all)) == StoredForms.json(ServiceList(services: all)))
        }
        try expect([])
        var all = try ["a", "b", "c"].map { ServiceStatus(service: try #require(ServiceName($0))) }
        try expect(all)
        try expect(all)
        all[1].warnings = ["a \"quoted\" word / and a slash"]
        try expect(all)
        all[1].warnings = []
        all[2].releases = [
            ReleaseStatus(
                release: try #require(ReleaseDigest(String(repeating: "a", count: 64))), commit: "c0ffee",
                shareBasisPoints: .all, state: "live", createdAt: Timestamp(microseconds: 5), instances: [],
                requests: 7, bad: 0)
        ]
        try expect(all)
        all[2].releases[0].requests += 1
        try expect(all)
        all.remove(at: 0)
        try expect(all)
        all.reverse()
        try expect(all)
    }
}
