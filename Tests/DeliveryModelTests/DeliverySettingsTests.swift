import DeliveryModel
import Testing

@Suite struct DeliverySettingsTests {
    private func read(_ text: String) throws -> DeliverySettings {
        try DeliverySettings(parsing: Array(text.utf8), file: "delivery.yaml")
    }

    @Test func whatIsWrittenCountsAndTheRestHasDefaults() throws {
        #expect(try read("{}") == DeliverySettings())
        #expect(DeliverySettings().total == nil && DeliverySettings().parallel == 2)
        let text = "concurrency: { total: 8, groups: { payments: 1, mail: 2 } }\npipelines: { parallel: 4 }\n"
        #expect(
            try read(text) == DeliverySettings(total: 8, groups: ["payments": 1, "mail": 2], parallel: 4))
    }

    @Test(arguments: [
        ("concurrency: { totl: 8 }", "1:16", "did you mean 'total'?"),
        ("concurrency: { total: 0 }", "1:23", "from 1 to 10000"),
        ("concurrency: { groups: { Pay: 1 } }", "1:26", "lower-case letters"),
        ("concurrency: { groups: { pay: many } }", "1:31", "a whole number"),
        ("pipelines: { parallel: 65 }", "1:24", "from 1 to 64"),
        ("limits: {}", "1:1", "allowed: concurrency, pipelines"),
        ("", "1:1", "without limits, no file at all"),
    ])
    func mistakesAreToldWithTheirPlace(text: String, place: String, words: String) {
        #expect {
            _ = try read(text)
        } throws: { error in
            let said = (error as? ServiceFileError)?.description ?? "\(error)"
            return said.hasPrefix("delivery.yaml:\(place): ") && said.contains(words)
        }
    }
}
