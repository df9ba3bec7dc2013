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
        case .unless(let name, let other, let unwanted, let why):
            guard let place = key(name), value(other) == unwanted else { return }
            refuse(place, Self.joined(path, name), "written beside \(other) \(unwanted)", why)
        case .needed(let name, let other, let wanted):
            guard let place = key(other), value(other) == wanted, key(name) == nil else { return }
            add(.missingKey, place, Self.joined(path, name), "nothing", "it for \(other) \(wanted)")
        case .filled(let list, let name, let why):
            guard let place = key(name), key(list) == nil || tree.entries(list)?.isEmpty == true else { return }
            refuse(place, Self.joined(path, name), "written without \(list)", why)
        case .some(let names, let what):
            guard names.allSatisfy({ key($0) == nil }) else { return }
            refuse(.mapping(mapping), path, "without \(what)", "at least one of \(names.joined(separator: ", "))")
        case .one(let names, let what):
            let written = names.filter { key($0) != nil }
            let all = names.joined(separator: ", ")
            guard written.count != 1 else { return }
            guard let second = written.dropFirst().first.flatMap(key) else {
                return refuse(.mapping(mapping), path, "without \(what)", "one of \(all)")
            }
            refuse(
                second, Self.joined(path, second.scalar?.string ?? ""), "written beside \(written[0])",
                "only one of \(all)")
        case .ordered(let lower, let upper):
            guard let place = key(lower), let first = tree.duration(lower), let last = tree.duration(upper),
                first > last
            else { return }
            refuse(
                place, Self.joined(path, lower), ServiceFileText.text(first),
                "at most \(ServiceFileText.text(last)), which is \(upper)")
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
