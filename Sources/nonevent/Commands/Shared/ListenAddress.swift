/// `ADDRESS:PORT` as options take it.
enum ListenAddress {
    static func parse(_ text: String, option: String) throws -> (host: String, port: Int) {
        let colon = text.lastIndex(of: ":")
        let host = colon.map { String(text[..<$0]) } ?? "127.0.0.1"
        let digits = colon.map { String(text[text.index(after: $0)...]) } ?? text
        guard let port = Int(digits), (0...65_535).contains(port), !host.isEmpty else {
            throw CommandFailure(.usage, "\(option) '\(text)': ADDRESS:PORT is expected, such as 127.0.0.1:8080")
        }
        return (host.trimmingBrackets, port)
    }
}

extension String {
    /// `[::1]` as `::1`.
    fileprivate var trimmingBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self
    }
}
