/// Does `body` for 0..<count on some tasks at once. The results come in the order of the indices, whatever the
/// number of tasks.
func inParallel<Result: Sendable>(
    _ count: Int, tasks: Int, _ body: @escaping @Sendable (Int) -> Result
) async -> [Result] {
    // Small chunks, so that no task is left alone with the long rollouts at the end.
    let chunk = max(1, min(16, count / max(1, 4 * tasks)))
    let starts = Array(stride(from: 0, to: count, by: chunk))
    return await withTaskGroup(of: (Int, [Result]).self) { group in
        var parts = [[Result]](repeating: [], count: starts.count)
        var next = 0
        func add() {
            guard next < starts.count else { return }
            let (place, start) = (next, starts[next])
            next += 1
            group.addTask { (place, (start..<min(count, start + chunk)).map(body)) }
        }
        for _ in 0..<tasks { add() }
        for await (place, results) in group {
            parts[place] = results
            add()
        }
        return parts.flatMap { $0 }
    }
}
