import Yams

extension ServiceFileReader {
    mutating func readSteps(_ node: Node, at path: String) -> ServiceFileTree? {
        let expectation = ServiceFileValue.steps.expectation
        guard let sequence = node.sequence else {
            guard node.scalar?.string == "auto" else {
                refuse(node, path, Self.naming(node), expectation)
                return nil
            }
            return .text("auto")
        }
        guard (1...100).contains(sequence.count) else {
            refuse(node, path, "a list of \(sequence.count)", "1 to 100 steps")
            return nil
        }
        let anyStep = Share(clamping: 1)...Share.all
        var shares: [Share] = []
        for (index, entry) in sequence.enumerated() {
            guard let share = readShare(entry, within: anyStep, at: "\(path)[\(index)]") else { continue }
            if let previous = shares.last, share <= previous {
                refuse(entry, "\(path)[\(index)]", "\(share) after \(previous)", "shares that rise from step to step")
            }
            shares.append(share)
        }
        if shares.count == sequence.count, let last = shares.last, last != .all, let lastNode = sequence.last {
            refuse(
                lastNode, "\(path)[\(sequence.count - 1)]", "\(last) as the last step", "100% as the last step", "100%")
        }
        return .list(shares.map(ServiceFileTree.share))
    }

    mutating func readShare(_ node: Node, within range: ClosedRange<Share>, at path: String) -> Share? {
        let expectation = ServiceFileValue.share(range).expectation
        guard let scalar = node.scalar else {
            refuse(node, path, Self.naming(node), expectation)
            return nil
        }
        do throws(ServiceFileText.ShareError) {
            let share = try ServiceFileText.share(scalar.string)
            if range.contains(share) { return share }
            refuse(node, path, Self.naming(node), expectation)
        } catch {
            switch error {
            case .tooFine: refuse(node, path, Self.naming(node), "no finer than 0.01% (one basis point)")
            case .outOfRange: refuse(node, path, Self.naming(node), expectation)
            case .notAShare:
                let suggestion = (try? ServiceFileText.share(scalar.string + "%")).map { _ in scalar.string + "%" }
                refuse(node, path, Self.naming(node), expectation, suggestion)
            }
        }
        return nil
    }

    static func size(_ text: String, _ range: ClosedRange<Int>) -> (ServiceFileTree?, String?) {
        if let bytes = ServiceFileText.size(text) { return (range.contains(bytes) ? .integer(bytes) : nil, nil) }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        // What else people write for the same units.
        let units = ["": "B", "b": "B", "k": "KiB", "kb": "KiB", "kib": "KiB", "m": "MiB", "mb": "MiB", "mib": "MiB"]
        guard let meant = units[unit].map({ "\(digits)\($0)" }), let bytes = ServiceFileText.size(meant) else {
            return (nil, nil)
        }
        return (nil, range.contains(bytes) ? meant : nil)
    }
}
