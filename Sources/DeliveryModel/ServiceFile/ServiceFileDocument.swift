import Yams

/// From bytes to YAML nodes, within ``ServiceFileLimits``.
enum ServiceFileDocument {
    /// - Parameter least: what a file must hold at least, said when it is empty.
    static func root(_ bytes: [UInt8], file: String, least: String) throws(ServiceFileError) -> Node {
        try compose(try checkedText(bytes, file), file, least)
    }

    private static func checkedText(_ bytes: [UInt8], _ file: String) throws(ServiceFileError) -> String {
        guard bytes.count <= ServiceFileLimits.fileBytes else {
            throw whole(
                file, 1, 1, "the file has \(bytes.count) bytes", "at most \(ServiceFileLimits.fileBytes) bytes (1 MiB)")
        }
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        guard let text = String(validating: body, as: UTF8.self) else {
            let offset = UTF8Scan.firstInvalidByte(bytes)
            let before = bytes[..<offset]
            let line = before.count { $0 == UInt8(ascii: "\n") } + 1
            let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            throw whole(
                file, line, String(decoding: bytes[lineStart..<offset], as: UTF8.self).unicodeScalars.count + 1,
                "the byte at offset \(offset) is not UTF-8", "a file saved as UTF-8")
        }
        let scan = YAMLScan(text)
        guard scan.depth <= ServiceFileLimits.depth else {
            throw whole(
                file, scan.deepestLine, 1, "nesting is \(scan.depth) levels deep",
                "at most \(ServiceFileLimits.depth) levels")
        }
        guard scan.aliases <= ServiceFileLimits.aliases else {
            throw whole(
                file, scan.lastAliasLine, 1, "the file has \(scan.aliases) aliases ('*name')",
                "at most \(ServiceFileLimits.aliases)")
        }
        // Yams keeps a pointer to the text's storage while it reads, which only a text that does not fit inside the
        // String value itself (15 bytes) has.
        return text.utf8.count < 32 ? text + "\n# " + String(repeating: " ", count: 32) + "\n" : text
    }

    private static func compose(_ text: String, _ file: String, _ least: String) throws(ServiceFileError) -> Node {
        let composed: Node?
        do {
            composed = try Parser(yaml: text, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw ServiceFileError(problems: [YAMLProblem.problem(error, text: text, file: file)])
        } catch {
            throw whole(file, 1, 1, "the file cannot be read as YAML (\(error))", "YAML")
        }
        guard let root = composed, !isEmpty(root) else {
            throw whole(file, 1, 1, "the file is empty", least)
        }
        var count = 0
        guard countNodes(root, depth: 1, &count) else {
            throw whole(
                file, 1, 1,
                "the file has more than \(ServiceFileLimits.nodes) values once aliases are expanded, "
                    + "or is nested too deep",
                "at most \(ServiceFileLimits.nodes) values and \(ServiceFileLimits.depth) levels")
        }
        return root
    }

    private static func isEmpty(_ root: Node) -> Bool {
        root.scalar.map { $0.string.isEmpty && $0.style == .plain } ?? false
    }

    /// - Returns: `false` as soon as a limit is passed, so that expanded aliases cost no more than the limit.
    private static func countNodes(_ node: Node, depth: Int, _ count: inout Int) -> Bool {
        count += 1
        guard count <= ServiceFileLimits.nodes, depth <= ServiceFileLimits.depth else { return false }
        switch node {
        case .scalar, .alias: return true
        case .sequence(let sequence):
            return sequence.allSatisfy { countNodes($0, depth: depth + 1, &count) }
        case .mapping(let mapping):
            return mapping.allSatisfy {
                countNodes($0.key, depth: depth + 1, &count) && countNodes($0.value, depth: depth + 1, &count)
            }
        }
    }

    private static func whole(
        _ file: String, _ line: Int, _ column: Int, _ found: String, _ expected: String
    ) -> ServiceFileError {
        ServiceFileError(problems: [
            ServiceFileProblem(
                kind: .file, file: file, line: line, column: column, key: "", found: found, expected: expected)
        ])
    }
}
