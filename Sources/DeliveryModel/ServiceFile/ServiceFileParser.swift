import Yams

/// Reads `nonevent.yaml`: bytes in, a ``ServiceSpecification`` with every default filled in out. Pure.
public enum ServiceFileParser {
    /// - Parameters:
    ///   - bytes: UTF-8, at most ``ServiceFileLimits/fileBytes``.
    ///   - file: the name that problems show.
    /// - Throws: ``ServiceFileError`` with all problems, not only the first. A file whose YAML cannot be read at all
    ///   has one.
    public static func parse(_ bytes: [UInt8], file: String) throws(ServiceFileError) -> ServiceSpecification {
        let root = try ServiceFileDocument.root(
            bytes, file: file,
            least: "at least 'service' and 'run' with its 'command'; `nonevent init` writes a first file")
        let tree = try read(root, as: .mapping(ServiceFileKey.file), judge: root["judge"], file: file)
        guard let specification = ServiceSpecification(tree) else {
            preconditionFailure("the table of keys requires what a specification needs")
        }
        return specification
    }

    /// - Parameter judge: the node of `judge`, of which the meaning of keys elsewhere depends.
    static func read(
        _ root: Node, as value: ServiceFileValue, judge: Node?, file: String
    ) throws(ServiceFileError) -> ServiceFileTree {
        let source = MetricSpecification.Source.implied(hasPrometheus: judge?["prometheus"] != nil)
        var reader = ServiceFileReader(file: file, implied: ["source": source.rawValue])
        let tree = reader.read(root, as: value, at: "")
        var problems = reader.problems
        if let tree {
            problems += latencyProblems(tree, root, file)
            problems += PipelineCheck.problems(tree, root, file: file)
            problems += FreezeCheck.problems(tree, root, file: file)
        }
        guard problems.isEmpty, let tree else { throw ServiceFileError(problems: problems) }
        return tree
    }

    /// A higher quantile cannot be faster than a lower one.
    private static func latencyProblems(_ tree: ServiceFileTree, _ root: Node, _ file: String) -> [ServiceFileProblem] {
        var problems: [ServiceFileProblem] = []
        var previous: (name: String, limit: Duration)?
        for name in ["p50", "p90", "p99"] {
            guard let limit = tree.duration("slo.latency.\(name)") else { continue }
            if let previous, limit < previous.limit {
                let mark = root["slo"]?["latency"]?[name]?.mark
                problems.append(
                    ServiceFileProblem(
                        file: file, line: mark?.line ?? 1, column: mark?.column ?? 1, key: "slo.latency.\(name)",
                        found: "\(ServiceFileText.text(limit)), less than \(previous.name)",
                        expected: "at least \(ServiceFileText.text(previous.limit)), the limit of \(previous.name)"))
            }
            previous = (name, limit)
        }
        return problems
    }
}
