import Yams

/// What single keys of a pipeline cannot show: names used twice, names that nobody has, and stages that wait for
/// themselves.
struct PipelineCheck {
    /// A stage or a group, and where the file names it.
    private struct Entry {
        var name: String
        var node: Node
        var path: String
        var group: String?
        var isGroup: Bool
    }

    /// One stage waits for another, for the reason that stands at `node`.
    private struct Edge {
        var to: String
        var node: Node
        var path: String
        /// The name as written; `nil`: it follows from the order of the file.
        var written: String?
    }

    private let file: String
    private var entries: [Entry] = []
    private var problems: [ServiceFileProblem] = []

    /// - Parameter tree: read by the table of keys, with or without problems.
    static func problems(_ tree: ServiceFileTree, _ root: Node, file: String) -> [ServiceFileProblem] {
        guard tree["pipeline"] != nil, let stages = root["pipeline"]?["stages"]?.sequence else { return [] }
        var check = PipelineCheck(file: file)
        check.collect(stages)
        check.look(at: stages)
        return Array(check.problems.prefix(ServiceFileLimits.problems))
    }

    private init(file: String) { self.file = file }

    private static func list(_ node: Node?) -> [Node] {
        guard let sequence = node?.sequence else { return [] }
        return sequence.map { $0 }
    }

    private mutating func collect(_ stages: Node.Sequence) {
        for (index, node) in stages.enumerated() {
            let path = "pipeline.stages[\(index)]"
            let group = node["name"]?.scalar?.string
            add(node, path, group: nil, isGroup: node["parallel"]?.sequence != nil)
            for (place, member) in Self.list(node["parallel"]).enumerated() {
                add(member, "\(path).parallel[\(place)]", group: group, isGroup: false)
            }
        }
        // A list that is too long by itself is refused as it is read.
        if stages.count <= ServiceFileLimits.stages, let extra = entries.dropFirst(ServiceFileLimits.stages).first {
            refuse(
                extra.node, "pipeline.stages", "\(entries.count) stages and groups",
                "at most \(ServiceFileLimits.stages)")
        }
    }

    private mutating func add(_ node: Node, _ path: String, group: String?, isGroup: Bool) {
        guard let nameNode = node["name"], let name = nameNode.scalar?.string else { return }
        if let other = entries.first(where: { $0.name == name }) {
            refuse(
                nameNode, "\(path).name", "'\(name)', the name of the one in line \(other.node.mark?.line ?? 1)",
                "a name of its own")
            return
        }
        entries.append(Entry(name: name, node: nameNode, path: path, group: group, isGroup: isGroup))
        unique(node["env"], "\(path).env") { String($0.prefix { $0 != "=" }) }
        unique(node["secrets"], "\(path).secrets") { $0 }
        let variables = Self.list(node["env"]).compactMap { $0.scalar?.string.prefix { $0 != "=" } }
        for (index, secret) in Self.list(node["secrets"]).enumerated() {
            guard let name = secret.scalar?.string, variables.contains(Substring(name)) else { continue }
            refuse(secret, "\(path).secrets[\(index)]", "'\(name)', which 'env' sets too", "it in one of the two")
        }
    }

    private mutating func unique(_ list: Node?, _ path: String, _ name: (String) -> String) {
        var seen: Set<String> = []
        for (index, node) in Self.list(list).enumerated() {
            guard let text = node.scalar?.string, !seen.insert(name(text)).inserted else { continue }
            refuse(node, "\(path)[\(index)]", "'\(name(text))' again", "every name once")
        }
    }

    /// Names and circles of `needs`.
    private mutating func look(at stages: Node.Sequence) {
        var edges: [String: [Edge]] = [:]
        var before: [String] = []
        for (index, node) in stages.enumerated() {
            guard let name = node["name"]?.scalar?.string else { continue }
            let path = "pipeline.stages[\(index)]"
            let members = Self.list(node["parallel"])
            var shared = written(node, path)
            if node["needs"] == nil, let place = node["name"] {
                shared = before.map { Edge(to: $0, node: place, path: "\(path).name", written: nil) }
            }
            var names: [String] = []
            for (place, member) in members.enumerated() {
                guard let memberName = member["name"]?.scalar?.string else { continue }
                names.append(memberName)
                edges[memberName, default: []] += shared + written(member, "\(path).parallel[\(place)]")
            }
            if members.isEmpty {
                names = [name]
                edges[name, default: []] += shared
            }
            before = names
        }
        if problems.isEmpty { findCircles(edges) }
    }

    /// What `needs` of one entry names; unknown names are refused.
    private mutating func written(_ node: Node, _ path: String) -> [Edge] {
        var edges: [Edge] = []
        for (index, need) in Self.list(node["needs"]).enumerated() {
            guard let name = need.scalar?.string else { continue }
            let place = "\(path).needs[\(index)]"
            guard let entry = entries.first(where: { $0.name == name }) else {
                let known = entries.map(\.name)
                refuse(
                    need, place, "'\(name)', which no stage is called",
                    "one of \(known.prefix(20).joined(separator: ", "))\(known.count > 20 ? ", ..." : "")",
                    EditDistance.nearest(to: name, among: known))
                continue
            }
            let stages = entry.isGroup ? entries.filter { $0.group == name }.map(\.name) : [name]
            edges += stages.map { Edge(to: $0, node: need, path: place, written: name) }
        }
        return edges
    }

    /// Depth first, in the order of the file; every circle is reported once, at the name that closes it.
    private mutating func findCircles(_ edges: [String: [Edge]]) {
        var done: Set<String> = []
        func search(_ name: String, _ way: [String]) -> (Edge, [String])? {
            for edge in edges[name] ?? [] where !done.contains(edge.to) {
                if let start = way.firstIndex(of: edge.to) { return (edge, Array(way[start...])) }
                if let found = search(edge.to, way + [edge.to]) { return found }
            }
            done.insert(name)
            return nil
        }
        for entry in entries where !entry.isGroup && !done.contains(entry.name) {
            guard let (last, circle) = search(entry.name, [entry.name]) else { continue }
            // Blame what somebody wrote, not the order of the file.
            let names = circle + circle.prefix(1)
            let blamed =
                zip(names, names.dropFirst()).lazy.compactMap { from, to in
                    edges[from]?.first { $0.to == to && $0.written != nil }
                }.first ?? last
            refuse(
                blamed.node, blamed.path, "part of a circle: \(names.joined(separator: " needs "))",
                "stages that do not wait for themselves")
            return
        }
    }

    private mutating func refuse(
        _ node: Node, _ path: String, _ found: String, _ expected: String, _ suggestion: String? = nil
    ) {
        problems.append(
            ServiceFileProblem(
                file: file, line: max(1, node.mark?.line ?? 1), column: max(1, node.mark?.column ?? 1), key: path,
                found: found, expected: expected, suggestion: suggestion))
    }
}
