import Yams

extension ServiceFileReader {
    /// Says what is wrong between keys that are each right by themselves. Keys whose own value was refused are left
    /// alone: one mistake, one problem.
    mutating func check(
        _ relation: ServiceFileRelation, of mapping: Node.Mapping, read tree: ServiceFileTree, at path: String
    ) {
        func key(_ name: String) -> Node? { mapping.first { $0.key.scalar?.string == name }?.key }
        func value(_ name: String) -> String? { tree.text(name) ?? (key(name) == nil ? implied[name] : nil) }
        switch relation {
        case .together(let left, let right):
            for (written, missing) in [(left, right), (right, left)] where key(missing) == nil {
                guard let place = key(written) else { continue }
                add(
                    .missingKey, place, Self.joined(path, missing), "nothing",
                    "it beside '\(written)': both are needed, or neither")
            }
        case .apart(let name, let others, let why):
            let beside = others.filter { key($0) != nil }
            guard let place = key(name), !beside.isEmpty else { return }
            refuse(place, Self.joined(path, name), "written beside \(beside.joined(separator: " and "))", why)
        case .only(let name, let other, let wanted, let why):
            guard let place = key(name), let found = value(other), found != wanted else { return }
            refuse(place, Self.joined(path, name), "written for \(other) \(found)", why)
        case .form(let name, let form, let other, let wanted):
            guard let node = mapping[Node(name)], let text = tree.text(name), value(other) == wanted,
                let complaint = form.complaint(about: text)
            else { return }
            refuse(node, Self.joined(path, name), complaint.found, complaint.expected, complaint.suggestion)
        case .entries(let list, let name, let wanted, let needed):
            guard key(needed) == nil, let entries = mapping[Node(list)]?.mapping else { return }
            for (entryKey, entry) in entries {
                guard let entryName = entryKey.scalar?.string, let node = entry[name], node.scalar?.string == wanted
                else { continue }
                refuse(
                    node, Self.joined(path, "\(list).\(entryName).\(name)"), Self.naming(node),
                    "\(Self.joined(path, needed)) to be written beside \(list), or another \(name)")
            }
        }
    }
}
