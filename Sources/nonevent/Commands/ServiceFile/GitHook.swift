import DeliveryAPI
import DeliveryModel
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The hook that `nonevent init --git` puts into a bare repository: it tells the control plane of a push.
struct GitHook: Sendable {
    /// Seconds that a push waits for the control plane.
    static let patience = 5

    /// Absolute path of the bare repository.
    var repository: String
    /// As the control plane calls it.
    var name: String
    /// Absolute path of this binary.
    var executable: String
    /// Absolute path of the control plane's data directory.
    var data: String

    var path: String { repository + "/hooks/post-receive" }

    /// Several branches at once are one call; a branch that was deleted is none.
    var script: String {
        """
        #!/bin/sh
        # Written by `nonevent init --git`: tells Nonevent's control plane of a push, which never fails for it.
        branches=0
        while read -r old new ref; do
            case "$new$ref" in
                *[!0]*refs/heads/*) branches=$((branches + 1)); branch=${ref#refs/heads/}; commit=$new ;;
            esac
        done
        [ "$branches" -gt 0 ] || exit 0
        set -- pipeline trigger \(quoted(name)) --within \(Self.patience) --data \(quoted(data))
        [ "$branches" -gt 1 ] || set -- "$@" --branch "$branch" --commit "$commit"
        \(quoted(executable)) "$@" </dev/null || :
        exit 0

        """
    }

    /// - Throws: when the directory is no bare repository, or has another hook already, which is left as it is.
    func install() throws {
        let isRepository = ["HEAD", "objects", "refs"].allSatisfy {
            FileManager.default.fileExists(atPath: repository + "/" + $0)
        }
        guard isRepository else {
            throw CommandFailure(
                .failed,
                "\(repository) is no bare git repository (expected HEAD, objects and refs in it); make one with "
                    + "`git init --bare`, or name the `.git` directory")
        }
        if let present = FileManager.default.contents(atPath: path), present != Data(script.utf8) {
            guard present.starts(with: Data(Self.ownBeginning.utf8)) else {
                throw CommandFailure(
                    .failed,
                    "\(path) is there already and stays as it is; add this line to it: "
                        + "\(quoted(executable)) pipeline trigger \(quoted(name)) --data \(quoted(data)) || :")
            }
        }
        do {
            try FileManager.default.createDirectory(
                atPath: repository + "/hooks", withIntermediateDirectories: true)
            try Data(script.utf8).write(to: URL(filePath: path), options: [.atomic])
        } catch {
            throw CommandFailure(.failed, "cannot write \(path): \(error)")
        }
        guard chmod(path, 0o755) == 0 else {
            throw CommandFailure(.failed, "cannot make \(path) executable: \(String(cString: strerror(errno)))")
        }
    }

    private static let ownBeginning = "#!/bin/sh\n# Written by `nonevent init --git`"

    /// For a shell, whatever is in it.
    private func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
