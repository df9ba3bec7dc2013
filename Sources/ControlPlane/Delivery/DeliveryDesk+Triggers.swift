import DeliveryAPI
import DeliveryModel
import DeliveryStore
import DeploymentDrivers
import RolloutEngine

extension DeliveryDesk {
    /// Something was pushed. With `wait` the answer tells what came of it, as far as it is known by then; the look goes
    /// on in any case.
    func trigger(_ name: String, _ wish: LookWish, again: Bool, wait: Duration) async throws -> TriggerResult {
        _ = try repository(name)
        guard again || wait > .zero else {
            ask(name, wish)
            return TriggerResult(
                repository: name, outcome: "accepted",
                message: "\(name) is looked at; 'nonevent pipeline list' shows runs")
        }
        let look = Task { try await self.look(at: name, wish, again: again) }
        guard let made = try await Self.value(of: look, within: wait) else {
            return TriggerResult(
                repository: name, outcome: "accepted", message: "\(name) is still being fetched after \(wait)")
        }
        return TriggerResult(
            repository: name, outcome: "accepted", runs: made,
            message: made.isEmpty
                ? "nothing new for any service of \(name)" : "runs of \(name): " + made.joined(separator: ", "))
    }

    /// - Returns: `nil` when time is up; the task goes on.
    private static func value(of task: Task<[String], any Error>, within limit: Duration) async throws -> [String]? {
        try await withThrowingTaskGroup(of: [String]?.self) { group in
            // Ends with the first of both; a wait for a task's value ends when this group is cancelled.
            let (values, feed) = AsyncThrowingStream.makeStream(of: [String].self)
            Task {
                do {
                    feed.yield(try await task.value)
                    feed.finish()
                } catch { feed.finish(throwing: error) }
            }
            group.addTask {
                for try await value in values { return value }
                return nil
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    /// A signed word of a forge. It only hints: what is built is what the repository says when it is fetched.
    func webhook(_ name: String, _ request: WebhookRequest) async throws -> TriggerResult {
        // Who has no signature is told nothing, not even which repositories there are.
        func refused(_ why: String) -> ProblemDetails {
            ProblemDetails(
                code: "webhook-refused", title: "The webhook is not believed", status: 401, detail: why)
        }
        guard let repository = repositories[name], let secret = try? secrets.value(of: repository.webhookSecret) else {
            throw refused(
                "no repository of that name takes webhooks; add it, and put the secret that both sides share into its "
                    + "file in the directory 'secrets' of the control plane")
        }
        let delivery: WebhookDelivery
        do throws(WebhookRefusal) {
            delivery = try request.read(secret: Array(secret.utf8))
        } catch {
            switch error.code {
            case .unsigned: throw refused(error.message)
            case .malformed: throw Problems.badRequest(error.message, code: "webhook-malformed", status: 422)
            case .tooLarge: throw Problems.badRequest(error.message, code: "body-too-large", status: 413)
            }
        }
        guard case .push(let push) = delivery.news else {
            let what = if case .other(let event) = delivery.news { "'\(event)'" } else { "a test" }
            return TriggerResult(
                repository: name, outcome: "ignored", message: "\(what) tells of no commit of a branch")
        }
        let keys = ["\(name)/id/\(delivery.id)", "\(name)/body/\(delivery.digest)"]
        let isNew = try await alone {
            guard try !database.knowsDelivery(keys) else { return false }
            let now = await reconciler.now()
            try await write(
                [], PipelineRecords(deliveries: Dictionary(uniqueKeysWithValues: keys.map { ($0, now) })))
            return true
        }
        guard isNew else {
            return TriggerResult(
                repository: name, outcome: "repeated", message: "delivery \(delivery.id.prefix(100)) came before")
        }
        ask(name, LookWish(branches: [push.branch], actor: push.actor.isEmpty ? request.sender.rawValue : push.actor))
        return TriggerResult(
            repository: name, outcome: "accepted", message: "branch \(push.branch) of \(name) is looked at")
    }
}
