/// Arrays: elements are found again wherever they moved to.
///
/// What both have at the beginning and at the end is passed over; of the rest, equal elements are paired, first those
/// at the same place. If the paired values are not in the same sequence on both sides, the array's order differs: one
/// report, with the array's path. What has no pair is compared in its sequence, first with first, with the path `/*`,
/// and what is left over then is missing or extra. So an element put in front is one extra and no other difference, and
/// a reordered array with one changed element is an order difference and a value difference.
extension JSONComparison {
    mutating func compareArrays(_ one: Int, _ two: Int) {
        var match = ElementMatch(left: left.children(of: one)[...], right: right.children(of: two)[...])
        match.trim(where: pair.isWrittenAlike)
        // With one element on a side at most, nothing can be in another order, and nothing needs to be found again.
        if min(match.left.count, match.right.count) > 0, max(match.left.count, match.right.count) > 1 {
            let hashes = self.hashes ?? (left: JSONHash.ofAll(in: left), right: JSONHash.ofAll(in: right))
            self.hashes = hashes
            match = ElementMatcher(pair: pair, leftHashes: hashes.left, rightHashes: hashes.right).match(match)
        }
        if match.isReordered { report(.order, one, two) }
        enterElement()
        for (a, b) in zip(match.left, match.right) { compare(a, b) }
        for a in match.left.dropFirst(match.right.count) { report(.missing, a, nil) }
        for b in match.right.dropFirst(match.left.count) { report(.extra, nil, b) }
        leave()
    }
}

/// Elements of two arrays that have no pair yet, in their sequence.
private struct ElementMatch {
    var left: ArraySlice<Int>
    var right: ArraySlice<Int>
    /// Whether the paired values are in another sequence on the right than on the left.
    var isReordered = false

    /// Passes over what is equal at the beginning and at the end.
    mutating func trim(where areEqual: (Int, Int) -> Bool) {
        while let one = left.first, let two = right.first, areEqual(one, two) {
            left = left.dropFirst()
            right = right.dropFirst()
        }
        while let one = left.last, let two = right.last, areEqual(one, two) {
            left = left.dropLast()
            right = right.dropLast()
        }
    }
}

/// Finds equal elements of two arrays. Time grows with the number of values: an element is looked at in depth only when
/// the hashes agree, and then it is almost surely equal and not looked at again.
private struct ElementMatcher {
    let pair: JSONPair
    let leftHashes: [UInt64]
    let rightHashes: [UInt64]

    func match(_ match: ElementMatch) -> ElementMatch {
        var match = match
        match.trim(where: isEqual)
        return match.left.isEmpty || match.right.isEmpty ? match : pairEqual(Array(match.left), Array(match.right))
    }

    private func pairEqual(_ ones: [Int], _ twos: [Int]) -> ElementMatch {
        var isPaired = [Bool](repeating: false, count: ones.count)
        var isTaken = [Bool](repeating: false, count: twos.count)
        if ones.count == twos.count {
            for index in ones.indices where isEqual(ones[index], twos[index]) {
                isPaired[index] = true
                isTaken[index] = true
            }
        }
        // Backwards, so that the first of equal elements is the last in its list.
        var places: [UInt64: [Int]] = [:]
        for index in twos.indices.reversed() where !isTaken[index] {
            places[rightHashes[twos[index]], default: []].append(index)
        }
        for index in ones.indices where !isPaired[index] {
            let hash = leftHashes[ones[index]]
            guard let place = places[hash]?.last, isEqual(ones[index], twos[place]) else { continue }
            places[hash]?.removeLast()
            isPaired[index] = true
            isTaken[place] = true
        }
        // By their values, not by their places: which of several equal elements is the pair of one does not matter.
        let first = ones.indices.lazy.filter { isPaired[$0] }.map { leftHashes[ones[$0]] }
        let second = twos.indices.lazy.filter { isTaken[$0] }.map { rightHashes[twos[$0]] }
        return ElementMatch(
            left: ones.indices.filter { !isPaired[$0] }.map { ones[$0] }[...],
            right: twos.indices.filter { !isTaken[$0] }.map { twos[$0] }[...],
            isReordered: !first.elementsEqual(second))
    }

    /// Whether two values are equal in every part.
    private func isEqual(_ one: Int, _ two: Int) -> Bool {
        guard leftHashes[one] == rightHashes[two] else { return false }
        if pair.isWrittenAlike(one, two) { return true }
        let (left, right) = (pair.left, pair.right)
        let type = left.nodes[one].type
        guard type == right.nodes[two].type else { return false }
        switch type {
        case .object:
            let (first, second) = (Self.sorted(left, one), Self.sorted(right, two))
            return first.count == second.count
                && zip(first, second).allSatisfy { $0.name == $1.name && isEqual($0.node, $1.node) }
        case .array:
            let (first, second) = (left.children(of: one), right.children(of: two))
            return first.count == second.count && zip(first, second).allSatisfy { isEqual($0, $1) }
        default: return pair.isEqualScalar(one, two)
        }
    }

    /// Members by name; those of the same name in their order.
    private static func sorted(_ document: JSONDocument, _ node: Int) -> [(name: [UInt8], node: Int)] {
        document.children(of: node).map { (name: document.name(of: $0), node: $0) }.sorted { first, second in
            first.name == second.name ? first.node < second.node : first.name.lexicographicallyPrecedes(second.name)
        }
    }
}
