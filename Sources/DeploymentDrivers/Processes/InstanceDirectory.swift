import DeliveryModel
import FoundationEssentials
import Glibc

/// One instance's directory, as the driver sees it: what to believe when its shim does not answer.
struct InstanceDirectory {
    let path: String

    var exists: Bool { access("\(path)/\(ShimFiles.plan)", F_OK) == 0 }

    func plan() throws(SystemFailure) -> InstancePlan {
        try ShimFiles.decode(InstancePlan.self, "\(path)/\(ShimFiles.plan)")
    }

    func write(_ plan: InstancePlan, _ options: ShimOptions) throws(SystemFailure) {
        try ShimFiles.makeDirectories(path)
        try ShimFiles.replace("\(path)/\(ShimFiles.options)", with: ShimFiles.encode(options))
        try ShimFiles.replace("\(path)/\(ShimFiles.plan)", with: ShimFiles.encode(plan))
    }

    /// What the files say of an instance whose shim is gone.
    func statusWithoutShim() throws(SystemFailure) -> InstanceStatus {
        let plan = try plan()
        let state = try? ShimFiles.decode(ShimState.self, "\(path)/\(ShimFiles.state)")
        let leader = state?.program.flatMap { ProcessTable.lives($0) ? $0.pid : nil }
        let pid = leader ?? ProcessTable.started(with: mark).first
        return InstanceStatus(
            id: plan.id, service: plan.service, release: plan.release, phase: pid == nil ? .stopped : .orphaned,
            port: state?.port ?? 0, pid: pid ?? 0, restarts: state?.restarts ?? 0, startedAt: state?.startedAt,
            lastExit: state?.lastExit)
    }

    /// Sends a signal to a program without its shim: to its group while its leader is the very process that was
    /// started, and to each
    /// process that bears the instance's mark.
    /// - Returns: whether anything was there to be signalled.
    func signalOrphan(_ signal: Int32) -> Bool {
        let state = try? ShimFiles.decode(ShimState.self, "\(path)/\(ShimFiles.state)")
        var found = false
        if let program = state?.program, ProcessTable.lives(program) {
            found = true
            kill(-program.pid, signal)
        }
        for pid in ProcessTable.started(with: mark) {
            found = true
            if ProcessTable.entry(pid)?.group != state?.program?.pid || signal == SIGKILL { kill(pid, signal) }
        }
        return found
    }

    func remove() throws(SystemFailure) {
        do { try FileManager.default.removeItem(atPath: path) } catch {
            guard access(path, F_OK) != 0 else { throw SystemFailure("cannot remove \(path): \(error)", code: 0) }
        }
    }

    private var mark: String { "\(ProgramEnvironment.directoryVariable)=\(path)" }
}
