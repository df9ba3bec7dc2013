import DeliveryModel
import FoundationEssentials
import RolloutEngine
import Synchronization

/// `delivery.yaml` in the data directory, read again when it changes, and the time zones of freeze windows.
final class DeliverySettingsFile: Sendable {
    private static let zoneDirectory = "/usr/share/zoneinfo/"
    /// Zones kept in memory.
    private static let zoneLimit = 600

    let path: String

    private struct Content {
        /// As it was read last; `nil`: there was none.
        var bytes: [UInt8]?
        var isRead = false
        /// `nil`: no good file was read yet, and there is one.
        var settings: DeliverySettings? = DeliverySettings()
        var problem: String?
        var zones: [String: ZoneRules] = [:]
    }

    private let content = Mutex(Content())

    /// - Parameter path: absolute; the file need not exist.
    init(path: String) { self.path = path }

    /// What holds now. A file with mistakes changes nothing: ``problem`` says what is wrong. `nil`: it has had mistakes
    /// since the start, so nobody knows what holds.
    var settings: DeliverySettings? {
        content.withLock { content in
            refresh(&content)
            return content.settings
        }
    }

    /// Why the file does not count as it stands; `nil` when it does, or there is none.
    var problem: String? {
        content.withLock { content in
            refresh(&content)
            return content.problem
        }
    }

    /// Rules of the zones that are named, as far as the machine knows them.
    func zones(_ names: Set<String>) -> [String: ZoneRules] {
        content.withLock { content in
            for name in names where content.zones[name] == nil && content.zones.count < Self.zoneLimit {
                guard !name.hasPrefix("/"), !name.split(separator: "/").contains(".."),
                    let data = FileManager.default.contents(atPath: Self.zoneDirectory + name),
                    let rules = ZoneRules(tzif: [UInt8](data))
                else { continue }
                content.zones[name] = rules
            }
            return content.zones.filter { names.contains($0.key) }
        }
    }

    private func refresh(_ content: inout Content) {
        let found = FileManager.default.fileExists(atPath: path)
        let bytes = found ? FileManager.default.contents(atPath: path).map { [UInt8]($0) } : nil
        if found, bytes == nil {
            if !content.isRead { content.settings = nil }
            content.isRead = true
            content.problem = "\(path) cannot be read; look at its permissions"
            return
        }
        guard !content.isRead || bytes != content.bytes else { return }
        if !content.isRead, found { content.settings = nil }
        content.isRead = true
        content.bytes = bytes
        guard let bytes else {
            content.settings = DeliverySettings()
            content.problem = nil
            return
        }
        do throws(ServiceFileError) {
            content.settings = try DeliverySettings(parsing: bytes, file: path)
            content.problem = nil
        } catch {
            content.problem = error.description
        }
    }
}
