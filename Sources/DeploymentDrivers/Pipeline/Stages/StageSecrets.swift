public import DeliveryModel
import Glibc

/// Where the values of secrets come from: files, else the environment of the control plane.
public struct StageSecrets: Sendable {
    /// Most bytes of a secret.
    public static let byteLimit = 64 << 10

    let directory: String
    let environment: [String: String]

    /// - Parameters:
    ///   - directory: absolute path; holds one file for each secret, for its owner alone (0600).
    ///   - environment: looked at for `NONEVENT_SECRET_<NAME>` where there is no file.
    public init(directory: String, environment: [String: String]) {
        self.directory = directory
        self.environment = environment
    }

    /// The value of a secret; one line end at a file's end does not count.
    ///
    /// - Throws: `.refused` when there is none, when others may read its file, or when it is too short to be masked.
    public func value(of name: String) throws(DriverError) -> String {
        guard Self.isName(name) else {
            throw DriverError(
                .refused, "'\(GitText.plain(name, limit: 80))' is no name of a secret; use letters, digits and _")
        }
        let path = "\(directory)/\(name)"
        var value: String
        if let bytes = try file(path, name) {
            guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
                throw DriverError(.refused, "secret \(name) is not text (UTF-8 without zeros), which a variable needs")
            }
            value = text
            if value.hasSuffix("\r\n") || value.hasSuffix("\n") { value.removeLast() }
        } else if let text = environment["NONEVENT_SECRET_\(name)"] {
            value = text
        } else {
            throw DriverError(
                .refused,
                "secret \(name) is missing: put it into \(path) (mode 0600), or into NONEVENT_SECRET_\(name) in the "
                    + "environment of the control plane")
        }
        guard value.utf8.count >= OutputMask.secretMinimum else {
            throw DriverError(
                .refused,
                "secret \(name) has \(value.utf8.count) bytes; with fewer than \(OutputMask.secretMinimum) it cannot "
                    + "be masked in the output")
        }
        return value
    }

    private func file(_ path: String, _ name: String) throws(DriverError) -> [UInt8]? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        guard status.st_mode & 0o077 == 0 else {
            throw DriverError(.refused, "others may read secret \(name); run: chmod 600 \(path)")
        }
        do { return try ShimFiles.read(path, limit: Self.byteLimit) } catch {
            throw DriverError(.refused, "secret \(name) cannot be read: \(error)")
        }
    }

    public static func isName(_ name: String) -> Bool {
        guard (1...100).contains(name.utf8.count), let first = name.utf8.first, !(48...57).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
        }
    }
}
