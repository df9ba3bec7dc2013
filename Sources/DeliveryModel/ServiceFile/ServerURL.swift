/// The address of a server as a service file may write it: no user, no query, no fragment.
enum ServerURL {
    /// A password in the address is never repeated in the complaint.
    static func complaint(about text: String) -> ServiceFileComplaint? {
        let expectation = ServiceFileValue.TextForm.serverURL.expectation
        let written = text.count > 60 ? "'\(text.prefix(60))...'" : "'\(text)'"
        guard !text.contains("@") else {
            return ServiceFileComplaint(
                "a URL with a user or password in it",
                expected: "neither: use username with passwordFile, or bearerTokenFile")
        }
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix) else {
            let guess = "http://" + text
            let isBare = !text.contains("://") && !text.isEmpty && complaint(about: guess) == nil
            return ServiceFileComplaint(written, expected: expectation, suggestion: isBare ? guess : nil)
        }
        guard !text.contains("?"), !text.contains("#") else {
            let plain = String(text.prefix { $0 != "?" && $0 != "#" })
            return ServiceFileComplaint(
                "a URL with a query or fragment", expected: "none: only scheme, host, port and path",
                suggestion: complaint(about: plain) == nil ? plain : nil)
        }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        let path = String(rest.dropFirst(authority.count))
        guard isAuthority(authority), path.isEmpty || ServiceFileCheck.isRequestPath(path, query: false) else {
            return ServiceFileComplaint(written, expected: expectation)
        }
        let trimmed = withoutTrailingSlashes(text)
        guard !trimmed.hasSuffix("/api/v1") else {
            return ServiceFileComplaint(
                written, expected: "the server's address without /api/v1",
                suggestion: withoutTrailingSlashes(String(trimmed.dropLast("/api/v1".count))))
        }
        return nil
    }

    /// So that paths can be appended.
    static func withoutTrailingSlashes(_ text: String) -> String {
        String(text.reversed().drop { $0 == "/" }.reversed())
    }

    /// A host name or bracketed IPv6 address, and a port if need be.
    private static func isAuthority(_ text: Substring) -> Bool {
        let host: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return false }
            host = text[...end]
            let address = host.dropFirst().dropLast()
            let isAddress = (2...45).contains(address.utf8.count) && address.contains(":")
            guard isAddress, address.allSatisfy({ $0.isASCII && ($0.isHexDigit || $0 == ":" || $0 == ".") })
            else { return false }
        } else {
            host = text.prefix { $0 != ":" }
            guard ServiceFileCheck.isHost(host.lowercased()) else { return false }
        }
        let port = text.dropFirst(host.count)
        guard !port.isEmpty else { return true }
        let digits = port.dropFirst()
        guard port.hasPrefix(":"), let first = digits.first, first != "0",
            digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits)
        else { return false }
        return number <= 65_535
    }
}
