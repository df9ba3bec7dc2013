import Yams

/// Reads YAML nodes by the table of keys. Goes on after a mistake, so that all of them are reported at once.
struct ServiceFileReader {
    let file: String
    /// What a key that is not written stands for, where that depends on another part of the file.
    let implied: [String: String]
    private(set) var problems: [ServiceFileProblem] = []

    init(file: String, implied: [String: String] = [:]) {
        self.file = file
        self.implied = implied
    }

    mutating func read(_ node: Node, as value: ServiceFileValue, at path: String) -> ServiceFileTree? {
        switch value {
        case .mapping(let keys, let relations): readMapping(node, keys: keys, relations: relations, at: path)
        case .toggleOr(let keys, let relations) where node.mapping != nil:
            readMapping(node, keys: keys, relations: relations, at: path)
        case .list(let element, let count): readList(node, of: element, count: count, at: path)
        case .steps: readSteps(node, at: path)
        case .textOrWords(_, let count) where node.sequence != nil:
            readList(node, of: .text(.argument), count: count, at: path)
        case .textOrWords(let form, _) where node.mapping == nil: readScalar(node, as: .text(form), at: path)
        case .share(let range): readShare(node, within: range, at: path).map(ServiceFileTree.share)
        case .names(let form, let value, let limit): readNames(node, form, of: value, atMost: limit, at: path)
        default: readScalar(node, as: value, at: path)
        }
    }

    private mutating func readMapping(
        _ node: Node, keys: [ServiceFileKey], relations: [ServiceFileRelation], at path: String
    ) -> ServiceFileTree? {
        guard let mapping = node.mapping else {
            refuse(node, path, Self.naming(node), ServiceFileValue.mapping(keys).expectation)
            return nil
        }
        var values: [String: ServiceFileTree] = [:]
        var seen: Set<String> = []
        for (keyNode, valueNode) in mapping {
            guard let name = keyNode.scalar?.string else {
                refuse(keyNode, path, "a mapping with a key that is \(Self.naming(keyNode))", "names as keys")
                continue
            }
            guard let key = keys.first(where: { $0.name == name }) else {
                add(
                    .unknownKey, keyNode, Self.joined(path, name), "'\(name)'", keys.allowedNames,
                    Self.nearest(to: name, among: keys))
                continue
            }
            if case .refused(let reason) = key.value {
                refuse(keyNode, Self.joined(path, name), "written here", reason)
                continue
            }
            seen.insert(name)
            values[name] = read(valueNode, as: key.value, at: Self.joined(path, name))
        }
        for key in keys where key.required && !seen.contains(key.name) {
            add(.missingKey, node, Self.joined(path, key.name), "nothing", key.value.expectation)
        }
        let tree = ServiceFileTree.mapping(values)
        for relation in relations { check(relation, of: mapping, read: tree, at: path) }
        return tree
    }

    /// The key that was probably meant: a similar one, or one of that name a level below.
    private static func nearest(to name: String, among keys: [ServiceFileKey]) -> String? {
        if let near = EditDistance.nearest(to: name, among: keys.filter(\.isAllowed).map(\.name)) { return near }
        let owner = keys.first { key in
            guard case .mapping(let inner, _) = key.value else { return false }
            return inner.contains { $0.name == name }
        }
        return owner.map { "\($0.name).\(name)" }
    }

    private mutating func readList(
        _ node: Node, of element: ServiceFileValue, count: ClosedRange<Int>, at path: String
    ) -> ServiceFileTree? {
        let expectation = ServiceFileValue.list(of: element, count: count).expectation
        guard let sequence = node.sequence else {
            refuse(node, path, Self.naming(node), expectation, Self.asList(node))
            return nil
        }
        guard sequence.count <= count.upperBound else {
            refuse(node, path, "a list of \(sequence.count)", "at most \(count.upperBound) entries")
            return nil
        }
        guard sequence.count >= count.lowerBound else {
            refuse(node, path, "an empty list", expectation)
            return nil
        }
        var entries: [ServiceFileTree] = []
        for (index, entry) in sequence.enumerated() {
            guard let value = read(entry, as: element, at: "\(path)[\(index)]") else { continue }
            if index == 0, case .text(.argument) = element, case .text(let program) = value, program.isEmpty {
                refuse(entry, "\(path)[0]", "empty text", "the program to start")
            }
            entries.append(value)
        }
        return .list(entries)
    }

    private mutating func readNames(
        _ node: Node, _ form: ServiceFileValue.NameForm, of value: ServiceFileValue, atMost limit: Int, at path: String
    ) -> ServiceFileTree? {
        guard let mapping = node.mapping else {
            refuse(node, path, Self.naming(node), ServiceFileValue.names(form, to: value, atMost: limit).expectation)
            return nil
        }
        guard mapping.count <= limit else {
            refuse(node, path, "\(mapping.count) \(form.plural)", "at most \(limit)")
            return nil
        }
        var values: [String: ServiceFileTree] = [:]
        for (keyNode, valueNode) in mapping {
            let name = keyNode.scalar?.string ?? ""
            if !form.accepts(name) {
                refuse(keyNode, path, "a mapping with the name \(Self.naming(keyNode))", form.expectation)
            } else if let refusal = form.refusal(of: name) {
                refuse(keyNode, Self.joined(path, name), "set here", refusal)
            }
            values[name] = read(valueNode, as: value, at: Self.joined(path, name))
        }
        return .mapping(values)
    }

    mutating func refuse(
        _ node: Node, _ path: String, _ found: String, _ expected: String, _ suggestion: String? = nil
    ) {
        add(.value, node, path, found, expected, suggestion)
    }

    mutating func add(
        _ kind: ServiceFileProblem.Kind, _ node: Node, _ path: String, _ found: String, _ expected: String,
        _ suggestion: String? = nil
    ) {
        guard problems.count < ServiceFileLimits.problems else { return }
        problems.append(
            ServiceFileProblem(
                kind: kind, file: file, line: max(1, node.mark?.line ?? 1), column: max(1, node.mark?.column ?? 1),
                key: path, found: found, expected: expected, suggestion: suggestion))
    }

    static func joined(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}
