/// What a JSON value is.
enum JSONType: UInt8, Sendable {
    case null, boolean, number, string, array, object
}

/// One value of a document, in the order in which values begin.
struct JSONNode: Sendable {
    var type: JSONType
    /// Whether the string, or the member's name, has a backslash: only then must it be unescaped to be compared.
    var hasEscapes = false
    var nameHasEscapes = false
    /// Bytes of the value as written, a string's with its quotation marks.
    var start: Int32
    var end: Int32 = 0
    /// Bytes of the member's name without quotation marks; empty for elements and the root.
    var nameStart: Int32 = 0
    var nameEnd: Int32 = 0
    /// The node after this one and all that is within it.
    var next: Int32 = 0

    var range: Range<Int> { Int(start)..<Int(end) }
    var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
}

/// Why bytes were not read as JSON.
enum JSONFlaw: Error, Equatable {
    /// Not JSON in the sense of RFC 8259, and where that shows.
    case malformed(at: Int)
    /// Arrays and objects are nested more deeply than the limit.
    case tooDeep
    /// More values than the limit.
    case tooManyFields
}

/// A JSON text and where its values are: a flat list, so that reading one costs a single allocation.
struct JSONDocument: Sendable {
    let bytes: [UInt8]
    let nodes: [JSONNode]
    /// For each node whether it is left out of comparisons; empty when none is.
    private(set) var ignored: [Bool] = []

    private init(bytes: [UInt8], nodes: [JSONNode]) {
        self.bytes = bytes
        self.nodes = nodes
    }

    /// Reads a whole text.
    /// - Throws: `JSONFlaw` at the first thing that is wrong or over a limit.
    static func parse(_ bytes: [UInt8], maxDepth: Int, maxFields: Int) throws(JSONFlaw) -> JSONDocument {
        var parser = JSONParser(maxDepth: maxDepth, maxFields: maxFields, bytes: bytes.count)
        try parser.text(bytes.span)
        return JSONDocument(bytes: bytes, nodes: parser.nodes)
    }

    /// Leaves out what the patterns match.
    func ignoring(_ patterns: [JSONPathPattern]) -> JSONDocument {
        guard !patterns.isEmpty else { return self }
        var document = self
        document.ignored = JSONPathPattern.ignored(patterns, in: self)
        return document
    }

    @inline(__always)
    func isIgnored(_ node: Int) -> Bool { !ignored.isEmpty && ignored[node] }

    /// Positions of the members or elements of a node, without those left out.
    func children(of node: Int) -> [Int] {
        var children: [Int] = []
        var at = node + 1
        let end = Int(nodes[node].next)
        while at < end {
            if !isIgnored(at) { children.append(at) }
            at = Int(nodes[at].next)
        }
        return children
    }

    /// A string or a name without its escapes.
    func unescaped(_ range: Range<Int>) -> [UInt8] { JSONEscapes.decode(bytes.span, range) }

    func name(of node: Int) -> [UInt8] {
        nodes[node].nameHasEscapes ? unescaped(nodes[node].name) : Array(bytes[nodes[node].name])
    }

    /// Content of a string node, as written.
    func content(of node: Int) -> Range<Int> { Int(nodes[node].start) + 1..<Int(nodes[node].end) - 1 }
}
