/// Rules for single texts of a service file; the schema says the same in regular expressions.
enum ServiceFileCheck {
    /// Relative, not empty, without control characters, and never leading out of its directory.
    static func isInside(_ path: String) -> Bool {
        guard !path.isEmpty, !path.hasPrefix("/"), path.unicodeScalars.allSatisfy({ $0.value > 31 && $0.value != 127 })
        else { return false }
        return !path.split(separator: "/").contains("..")
    }

    /// A host name in lower case, without port.
    static func isHost(_ host: String) -> Bool {
        guard (1...253).contains(host.utf8.count) else { return false }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            guard (1...63).contains(label.utf8.count), label.first != "-", label.last != "-" else { return false }
            return label.unicodeScalars.allSatisfy { scalar in
                ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "-" || scalar == "_"
            }
        }
    }

    /// Begins with `/`, without spaces, control characters and fragment; a query only where allowed.
    static func isRequestPath(_ path: String, query: Bool) -> Bool {
        path.hasPrefix("/")
            && path.unicodeScalars.allSatisfy { scalar in
                scalar.value > 32 && scalar.value != 127 && scalar != "#" && (query || scalar != "?")
            }
    }

    /// A name that shells and programs can use: `[A-Za-z_][A-Za-z0-9_]*`.
    static func isVariableName(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, !("0"..."9").contains(first) else { return false }
        return name.unicodeScalars.allSatisfy { scalar in
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || scalar == "_"
        }
    }

    /// `[a-z0-9_-]{1,63}`: fits into keys, tables and file names.
    static func isMetricName(_ name: String) -> Bool {
        (1...63).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy { scalar in
                ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "-" || scalar == "_"
            }
    }

    /// A file by its full path: begins with `/`, does not end with it, without control characters.
    static func isAbsolutePath(_ path: String) -> Bool {
        path.hasPrefix("/") && !path.hasSuffix("/") && !hasControls(path)
    }

    /// RFC 7617 ends the name at the first colon.
    static func isUserName(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count) && !name.contains(":") && !hasControls(name)
    }

    private static func hasControls(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
    }
}
