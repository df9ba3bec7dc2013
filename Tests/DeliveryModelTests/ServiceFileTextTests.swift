import DeliveryModel
import Testing

@Suite struct ServiceFileTextTests {
    @Test(arguments: [
        ("500ms", 500), ("30s", 30_000), ("10m", 600_000), ("1h", 3_600_000), ("7d", 604_800_000), ("-1s", -1000),
    ])
    func durationsAreRead(text: String, milliseconds: Int) {
        #expect(ServiceFileText.duration(text) == .milliseconds(milliseconds))
        #expect(
            ServiceFileText.duration(ServiceFileText.text(.milliseconds(milliseconds))) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        "", "s", "1", "1.5s", "1 s", "1S", "1m30s", "99999999999999999999s", "9223372036854775807d", "٣s",
    ])
    func otherTextsAreNoDuration(text: String) { #expect(ServiceFileText.duration(text) == nil) }

    @Test(arguments: [("1%", 100), ("0.05%", 5), ("100%", 10_000), ("12.50%", 1250), ("0%", 0)])
    func sharesAreRead(text: String, points: Int) throws {
        #expect(try ServiceFileText.share(text).basisPoints == points)
    }

    @Test func badSharesSayWhy() {
        #expect(throws: ServiceFileText.ShareError.tooFine) { try ServiceFileText.share("0.001%") }
        #expect(throws: ServiceFileText.ShareError.outOfRange) { try ServiceFileText.share("100.01%") }
        #expect(throws: ServiceFileText.ShareError.notAShare) { try ServiceFileText.share("1") }
        #expect(throws: ServiceFileText.ShareError.notAShare) { try ServiceFileText.share("-1%") }
    }

    @Test func sizesAreRead() {
        #expect(ServiceFileText.size("16KiB") == 16_384)
        #expect(ServiceFileText.size("2GiB") == 2 << 30)
        #expect(ServiceFileText.size("16KB") == nil && ServiceFileText.size("99999999999999GiB") == nil)
    }
}
