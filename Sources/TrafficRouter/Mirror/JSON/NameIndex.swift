/// Members of an object by name, each taken once, those of the same name in their order.
struct NameIndex {
    /// Up to so many members a name is searched for one by one, past it in a dictionary.
    private static let linearMembers = 16

    private let document: JSONDocument
    private var members: [Int]
    private var byName: [[UInt8]: [Int]]?

    init(document: JSONDocument, from start: Int, to end: Int) {
        self.document = document
        members = []
        var at = start
        while at < end {
            if !document.isIgnored(at) { members.append(at) }
            at = Int(document.nodes[at].next)
        }
        guard members.count > Self.linearMembers else { return }
        var byName: [[UInt8]: [Int]] = [:]
        // Backwards, so that the first of each name is the last in its list.
        for member in members.reversed() { byName[document.name(of: member), default: []].append(member) }
        self.byName = byName
    }

    mutating func take(_ name: [UInt8]) -> Int? {
        if byName != nil { return byName?[name]?.popLast() }
        guard let index = members.firstIndex(where: { document.name(of: $0) == name }) else { return nil }
        return members.remove(at: index)
    }

    /// Those not taken, in their order.
    var left: [Int] { byName?.values.joined().sorted() ?? members }
}
