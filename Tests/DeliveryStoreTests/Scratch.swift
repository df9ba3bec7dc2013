import DeliveryModel
import DeliveryStore
import Glibc
import Testing

/// A temporary directory that goes with the object.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/nonevent-store-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    /// Writes a file below the directory, and the directories it needs.
    func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o644) throws {
        var walked = path
        for part in name.split(separator: "/").dropLast() {
            walked += "/" + part
            try #require(mkdir(walked, 0o755) == 0 || errno == EEXIST)
        }
        let file = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, mode)
        try #require(file >= 0)
        defer { close(file) }
        fchmod(file, mode)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            try #require(count > 0)
            rest = rest.dropFirst(count)
        }
    }

    func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws {
        try write(name, Array(text.utf8), mode: mode)
    }

    func read(_ name: String) throws -> [UInt8] { try Self.read(path + "/" + name) }

    static func read(_ path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY)
        try #require(file >= 0, "cannot open \(path)")
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            try #require(count >= 0)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static func remove(_ path: String) {
        if let handle = opendir(path) {
            while let entry = readdir(handle) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                var status = stat()
                guard name != ".", name != "..", lstat(path + "/" + name, &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR { remove(path + "/" + name) } else { unlink(path + "/" + name) }
            }
            closedir(handle)
        }
        rmdir(path)
    }
}

func storeError(_ body: () throws -> Void) -> StoreError? {
    do {
        try body()
        return nil
    } catch {
        return error as? StoreError
    }
}

func draft(_ number: Int, service: String? = "shop", kind: String = "deploy.accepted") -> JournalDraft {
    JournalDraft(
        time: Timestamp(microseconds: 1_000_000 + Int64(number)), service: service, kind: kind, actor: "test",
        data: #"{"number":\#(number)}"#)
}
