public import DeliveryModel

/// Paths that differ between two commits.
public struct GitChanges: Sendable, Equatable {
    /// `nil`: everything counts as changed, for the reason in ``note``.
    public var paths: [String]?
    /// One plain sentence when the comparison is not the usual one; else empty.
    public var note: String
}

/// One commit as people see it.
public struct GitCommit: Sendable, Equatable, Codable {
    public var commit: String
    public var author: String
    public var time: Timestamp
    /// First line of its message, cut at 200 characters.
    public var subject: String
}

/// The commits of a batch.
public struct GitBatch: Sendable, Equatable {
    /// Newest first; at most ``GitLimits/commits``.
    public var commits: [GitCommit]
    /// Of all of them.
    public var total: Int
    /// One plain sentence when the batch cannot be told exactly; else empty.
    public var note: String
}

extension GitMirror {
    private static let subjectCharacters = 200

    /// Whether `old` is `new` or among the commits that lead to it; false when one of them is not here.
    public func isAncestor(_ old: String, of new: String) async throws(DriverError) -> Bool {
        guard Self.isHash(old), Self.isHash(new) else { return false }
        return try await git.holds(["merge-base", "--is-ancestor", old, new])
    }

    /// What changed from one commit's files to another's, whatever history lies between them.
    ///
    /// - Parameter old: `nil`, or a commit that is no longer here: all counts as changed.
    public func changedPaths(from old: String?, to new: String) async throws(DriverError) -> GitChanges {
        try await require(new)
        guard let old else { return GitChanges(paths: nil, note: "no earlier commit of this branch is known") }
        guard try await has(old) else {
            return GitChanges(paths: nil, note: vanished(old))
        }
        let bytes = try await git.ask([
            "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-commit-id", "--no-ext-diff", old, new,
        ])
        let paths = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return GitChanges(paths: paths, note: try await isAncestor(old, of: new) ? "" : rewritten(old, new))
    }

    /// The commits that lead to `new` and not to `old`.
    ///
    /// - Parameters:
    ///   - old: `nil`, or a commit that is no longer here: the batch is `new` alone.
    ///   - directory: only commits that changed something below it; empty for all.
    public func batch(
        from old: String?, to new: String, below directory: String = ""
    ) async throws(DriverError) -> GitBatch {
        try await require(new)
        var note = ""
        var range = [new, "--max-count=1"]
        var total = 1
        if let old {
            if try await has(old) {
                if try await !isAncestor(old, of: new) { note = rewritten(old, new) }
                let place = directory.isEmpty ? [] : ["--", directory]
                range = ["\(old)..\(new)", "--max-count=\(limits.commits)"] + place
                let count = try await git.ask(["rev-list", "--count", "\(old)..\(new)"] + place)
                total = Int(String(decoding: count, as: UTF8.self).split(separator: "\n").first ?? "") ?? 0
            } else {
                note = vanished(old)
            }
        }
        let cut = Self.subjectCharacters
        let format = "--format=%H%x1f%<(\(cut),trunc)%an%x1f%ct%x1f%<(\(cut),trunc)%s"
        let bytes = try await git.ask(["log", "-z", "--no-show-signature", "--encoding=UTF-8", format] + range)
        return GitBatch(commits: bytes.split(separator: 0).compactMap(Self.commit), total: total, note: note)
    }

    private static func commit(_ record: ArraySlice<UInt8>) -> GitCommit? {
        let fields = record.split(separator: 0x1f, maxSplits: 3, omittingEmptySubsequences: false)
        guard fields.count == 4, let seconds = Double(text(fields[2])) else { return nil }
        return GitCommit(
            commit: text(fields[0]), author: plain(fields[1]), time: Timestamp(secondsSinceEpoch: seconds),
            subject: plain(fields[3]))
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Without the spaces that git fills short texts with.
    private static func plain(_ bytes: ArraySlice<UInt8>) -> String {
        var kept = GitText.plain(text(bytes), limit: subjectCharacters)[...]
        while kept.last == " " { kept = kept.dropLast() }
        return String(kept)
    }

    private func vanished(_ old: String) -> String {
        "the commit before, \(old.prefix(12)), is gone from \(url): its history was rewritten or is cut off"
    }

    private func rewritten(_ old: String, _ new: String) -> String {
        "the history was rewritten: \(old.prefix(12)) does not lead to \(new.prefix(12))"
    }
}
