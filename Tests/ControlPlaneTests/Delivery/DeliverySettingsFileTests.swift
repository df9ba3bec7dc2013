import DeliveryModel
import FoundationEssentials
import Testing

@testable import ControlPlane

@Suite struct DeliverySettingsFileTests {
    private let plane: Plane
    private var path: String { plane.directory + "/delivery.yaml" }

    init() throws { plane = try Plane() }

    private func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

    @Test func itIsReadAgainWhenItChanges() throws {
        let file = DeliverySettingsFile(path: path)
        #expect(file.settings == DeliverySettings() && file.problem == nil)
        try write("concurrency: { total: 1 }\n")
        #expect(file.settings?.total == 1)
        try write("concurrency: { total: 2 }\n")
        #expect(file.settings?.total == 2)
        try write("concurrency: { total: none }\n")
        #expect(file.settings?.total == 2, "the last good one holds")
        #expect(file.problem?.contains("concurrency.total") == true)
        try FileManager.default.removeItem(atPath: path)
        #expect(file.settings == DeliverySettings() && file.problem == nil)
    }

    @Test func mistakesFromTheStartMeanThatNobodyKnows() throws {
        try write("concurrency: 7\n")
        let file = DeliverySettingsFile(path: path)
        #expect(file.settings == nil && file.problem != nil)
        try write("{}\n")
        #expect(file.settings == DeliverySettings())
    }

    @Test func zonesAreTheMachines() {
        let file = DeliverySettingsFile(path: path)
        let zones = file.zones(["Europe/Berlin", "Nowhere/Town", "../../etc/passwd", "/etc/passwd"])
        #expect(zones["Nowhere/Town"] == nil && zones["../../etc/passwd"] == nil && zones["/etc/passwd"] == nil)
        // In July, where the machine has the database.
        let july = Timestamp(microseconds: 1_784_000_000_000_000)
        if let berlin = zones["Europe/Berlin"] { #expect(berlin.offset(at: july) == 7_200) }
    }
}
