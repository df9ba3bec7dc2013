import DeliveryAPI
public import DeliveryModel
public import DeliveryStore
public import Logging
public import RolloutEngine

/// The one place where states change: event in, transition decided, journal and state and outbox written in one
/// transaction, effects handed out, routes put in force.
public actor Reconciler {
    let database: DeliveryDatabase
    let archive: ReleaseArchive
    let instances: any InstanceDriver
    let traffic: any TrafficDriver
    let clock: SteadyClock
    let logger: Logger

    var states: [ServiceName: ServiceState] = [:]
    var routed = RoutedParts()
    var puts = TablePuts()
    /// Added to the sum of the services' generations, so that a router that has seen more than the disk is never told
    /// less.
    var generationOffset: UInt64 = 0
    /// Of the whole router; every table has them.
    var settings = RouterSettings()
    /// What the disk has refused so far; written with the next transaction that succeeds.
    var backlog: [JournalDraft] = []
    var unsaved: Set<ServiceName> = []
    var unsavedEffects: [OutboxEffect] = []
    var lastTime: Timestamp?
    /// Of the journal on the disk.
    private var lastSequence: Int64 = 0
    private(set) var requestRates: [ServiceName: Double] = [:]
    /// Keeps the backlog over a crash.
    let reserve: ReserveFile

    let work: AsyncStream<Work>
    private let queue: AsyncStream<Work>.Continuation
    /// A service is free for another rollout.
    let freed: AsyncStream<Void>
    private let ends: AsyncStream<Void>.Continuation

    /// An effect to carry out, and the outbox entry to remove when its result is in.
    struct Work: Sendable {
        var service: ServiceName
        var effect: RolloutEffect
        var outboxID: String
    }

    /// What became of one event.
    public struct Outcome: Sendable {
        public var before: ServiceState
        public var after: ServiceState
        public var changed: Bool
        /// `false`: the disk refused; the entry is kept in memory and follows.
        public var journaled: Bool
    }

    public init(
        database: DeliveryDatabase, archive: ReleaseArchive, instances: any InstanceDriver, traffic: any TrafficDriver,
        clock: SteadyClock, reserve: String, logger: Logger
    ) {
        self.reserve = ReserveFile(path: reserve)
        self.database = database
        self.archive = archive
        self.instances = instances
        self.traffic = traffic
        self.clock = clock
        self.logger = logger
        (work, queue) = AsyncStream.makeStream()
        (freed, ends) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Reads the states, tells the engine of the restart and hands the outbox out again.
    public func load() throws {
        let stored = try database.load()
        for (key, text) in stored.states {
            let state = try StoredForms.decode(ServiceState.self, text)
            guard state.service.text == key else { continue }
            states[state.service] = state
        }
        if let last = try database.entries(after: max(0, stored.lastSequence - 1), limit: 1).last {
            lastTime = last.time
        }
        lastSequence = stored.lastSequence
        if let waiting = reserve.read() { try takeUp(waiting) }
        reserve.prepare()
        for state in states.values {
            let transition = try RolloutStateMachine.step(state, .restarted, at: now())
            states[state.service] = transition.state
        }
        for effect in stored.outbox + unsavedEffects {
            guard let service = ServiceName(effect.service),
                let decoded = try? StoredForms.decode(RolloutEffect.self, effect.payload)
            else { continue }
            queue.yield(Work(service: service, effect: decoded, outboxID: effect.id))
        }
    }

    /// Time for the journal and the engine: never before what is written already, whatever the machine's clock does.
    func now() -> Timestamp {
        let time = max(clock.now, lastTime ?? clock.now)
        lastTime = time
        return time
    }

    public func state(of service: ServiceName) -> ServiceState? { states[service] }
    public func allStates() -> [ServiceState] { states.values.sorted { $0.service < $1.service } }
    /// Requests per second by service, as last seen; where a computed ramp begins depends on them.
    func learn(rates: [ServiceName: Double]) { requestRates = rates }
    public var hasBacklog: Bool { !backlog.isEmpty || !unsaved.isEmpty }

    /// One event, all the way: decided, written, routed. Returns when the router follows, if routes change.
    /// - Parameters:
    ///   - done: outbox entry that this event is the result of.
    ///   - more: journal entries to write before the event's own, in its transaction; as `records` only if it changes
    ///     something.
    ///   - mustMove: traffic moves even if the disk refuses the entry: undo and what saves people from a bad release.
    /// - Throws: `RolloutError`, `StoreError`; nothing has changed then. A router out of reach is no error: it gets the
    ///   table as soon as it is back.
    @discardableResult
    public func handle(
        _ event: RolloutEvent, for service: ServiceName, done: String? = nil, mustMove: Bool = false,
        also more: [JournalDraft] = [], records: PipelineRecords = .init()
    ) async throws -> Outcome {
        let before = states[service] ?? ServiceState(service: service)
        let time = now()
        let transition = try RolloutStateMachine.step(before, event, at: time)
        if transition.isUnchanged && done == nil && transition.state == before {
            return Outcome(before: before, after: before, changed: false, journaled: !hasBacklog)
        }
        if transition.isUnchanged && done == nil {
            // A verdict without news: its tick is stored, the state goes to the disk with the next entry. Whoever
            // watches people must not wait for an fsync each time.
            states[service] = transition.state
            return Outcome(before: before, after: transition.state, changed: true, journaled: !hasBacklog)
        }
        let drafts = try transition.notes.map { try StoredForms.draft($0, transition.state, at: time) }
        let added = try outboxEntries(transition, service, time)
        let isUndo = mustMove || transition.notes.contains { Self.urgentKinds.contains($0.kind) }
        let routes = transition.effects.contains(.route)
        states[service] = transition.state
        // An undo does not wait for the disk: the router gets its table while the entry is being written.
        // Detached: this actor is busy with the disk meanwhile.
        let early: Task<Bool, Never>? =
            if isUndo && routes {
                Task.detached { [traffic, table = routeTable()] in (try? await traffic.apply(table)) != nil }
            } else { nil }
        puts.begun += early == nil ? 0 : 1
        defer { puts.ended += early == nil ? 0 : 1 }
        var journaled = true
        do {
            try save(more + drafts, [service], added, done.map { [$0] } ?? [], records)
        } catch let error as StoreError {
            guard isUndo else {
                states[service] = before
                throw error
            }
            journaled = false
            backlog += drafts
            unsaved.insert(service)
            unsavedEffects += added
            holdBack()
            logger.error("the journal cannot be written, traffic moves all the same", metadata: ["why": "\(error)"])
        }
        for entry in added {
            guard let effect = transition.effects.first(where: { StoredForms.outboxID(service, $0) == entry.id })
            else { continue }
            queue.yield(Work(service: service, effect: effect, outboxID: entry.id))
        }
        let isRouted = await early?.value ?? false
        if transition.state.isFree, !before.isFree { ends.yield() }
        if routes, !isRouted { await put(routeTable()) }
        return Outcome(before: before, after: transition.state, changed: true, journaled: journaled)
    }

    /// Entries after which people must be safe whatever the disk says.
    static let urgentKinds: Set<String> = ["undo", "redo", "drill", "drill.ended", "rollout.undone", "rollout.aborted"]

    private func outboxEntries(
        _ transition: Transition, _ service: ServiceName, _ time: Timestamp
    ) throws -> [OutboxEffect] {
        try transition.effects.compactMap { effect in
            guard let id = StoredForms.outboxID(service, effect) else { return nil }
            return OutboxEffect(
                id: id, service: service.text, generation: transition.state.generation,
                payload: try StoredForms.json(effect), createdAt: time)
        }
    }

    /// What a control plane before this one could not write.
    private func takeUp(_ waiting: ReserveFile.Content) throws {
        // Already written when the crash came between the transaction and the note's removal: every transaction writes
        // all that waits, so the journal has grown since.
        guard waiting.lastSequence == lastSequence else { return reserve.clear() }
        for text in waiting.states.values {
            let state = try StoredForms.decode(ServiceState.self, text)
            states[state.service] = state
            unsaved.insert(state.service)
        }
        backlog = waiting.journal
        unsavedEffects = waiting.outbox
        lastTime = [lastTime, backlog.last?.time].compactMap { $0 }.max()
    }

    private func holdBack() {
        let texts = unsaved.reduce(into: [String: String]()) { texts, service in
            texts[service.text] = states[service].flatMap { try? StoredForms.json($0) }
        }
        if !reserve.write(ReserveFile.Content(after: lastSequence, backlog, texts, unsavedEffects)) {
            logger.error("what waits for the disk is in memory only: make room before this control plane is restarted")
        }
    }

    /// One transaction: what is new, and what the disk refused before.
    func save(
        _ drafts: [JournalDraft], _ changed: Set<ServiceName>, _ added: [OutboxEffect], _ done: [String],
        _ records: PipelineRecords = .init()
    ) throws {
        var texts: [String: String] = [:]
        for service in changed.union(unsaved) {
            if let state = states[service] { texts[service.text] = try StoredForms.json(state) }
        }
        let entries = try database.commit(
            journal: backlog + drafts, states: texts, records: records, addEffects: unsavedEffects + added,
            removeEffects: done)
        lastSequence = entries.last?.sequence ?? lastSequence
        if hasBacklog { reserve.clear() }
        backlog = []
        unsaved = []
        unsavedEffects = []
    }

    /// What pipelines and the deploy queue leave, in one transaction. They write here, so that the journal has one
    /// writer, who knows where it ends.
    func record(_ drafts: [JournalDraft], _ records: PipelineRecords) throws { try save(drafts, [], [], [], records) }

    /// Writes what the disk refused, if it takes it now.
    func flush() {
        guard hasBacklog else { return }
        do {
            try save([], [], [], [])
            logger.notice("the journal can be written again: all entries are in")
        } catch {
            logger.debug("the journal still cannot be written", metadata: ["why": "\(error)"])
        }
    }

    /// An effect without a result event is done.
    func finish(_ outboxID: String) {
        do { try save([], [], [], [outboxID]) } catch {
            // It stays in the outbox and is carried out again after a restart, which changes nothing.
            logger.debug("cannot remove \(outboxID) from the outbox", metadata: ["why": "\(error)"])
        }
    }
}
