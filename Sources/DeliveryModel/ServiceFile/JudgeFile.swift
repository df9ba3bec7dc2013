import Yams

/// What `nonevent judge --config` judges by.
///
/// The file is a service file, or some of a service file's top-level keys (`service` and `run` may be left out), or
/// what would stand under `judge` by itself.
public struct JudgeFile: Sendable, Equatable {
    public var slo: ObjectiveSpecification
    /// Of this only the steps matter to the judge.
    public var rollout: RolloutSpecification
    public var judge: JudgeSpecification

    /// Everything by default, as without a file.
    public init(
        slo: ObjectiveSpecification = .init(), rollout: RolloutSpecification = .init(),
        judge: JudgeSpecification = .init()
    ) {
        self.slo = slo
        self.rollout = rollout
        self.judge = judge
    }

    /// - Parameters:
    ///   - text: YAML, at most ``ServiceFileLimits/fileBytes``. An empty text is a mistake, an empty mapping (`{}`)
    ///     gives the defaults.
    ///   - file: the name that problems show.
    /// - Throws: ``ServiceFileError`` with all problems, also in parts that the judge does not use.
    public init(parsing text: String, file: String) throws(ServiceFileError) {
        let root = try ServiceFileDocument.root(
            Array(text.utf8), file: file,
            least: "'slo', 'rollout' or 'judge' of a service file, or the keys of 'judge'; no file gives the defaults")
        guard Self.isServiceFile(root) else {
            let tree = try ServiceFileParser.read(root, as: ServiceFileKey.judge, judge: root, file: file)
            self.init(judge: JudgeSpecification(tree))
            return
        }
        let tree = try ServiceFileParser.read(
            root, as: .mapping(ServiceFileKey.judgeFile), judge: root["judge"], file: file)
        let nothing = ServiceFileTree.mapping([:])
        self.init(
            slo: ObjectiveSpecification(tree["slo"] ?? nothing),
            rollout: RolloutSpecification(tree["rollout"] ?? nothing),
            judge: JudgeSpecification(tree["judge"] ?? nothing))
    }

    /// Known keys decide; where there are none, the keys that are nearest to what is written, so that `slos` is told of
    /// `slo`.
    private static func isServiceFile(_ root: Node) -> Bool {
        let written = (root.mapping?.map(\.key) ?? []).compactMap { $0.scalar?.string }
        let ofService = ServiceFileKey.file.map(\.name)
        let ofJudge = ServiceFileKey.judgeKeys.map(\.name)
        if written.contains(where: ofService.contains) { return true }
        if written.contains(where: ofJudge.contains) { return false }
        return written.contains { name in
            EditDistance.nearest(to: name, among: ofService + ofJudge).map(ofService.contains) ?? false
        }
    }
}
