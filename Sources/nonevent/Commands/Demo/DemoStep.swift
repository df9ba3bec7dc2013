/// One change that the demo delivers, and how it has to end.
struct DemoStep: Sendable {
    enum End: String, Sendable {
        case complete, undone
    }

    var name: String
    var message: String
    var changes: [String: String]
    var end: End
    /// The candidate itself may answer 500: that is what it is for.
    var isFaulty: Bool

    static let first = DemoStep(
        name: "v1 first", message: "Open the shop", changes: ["greeting": "Welcome to the shop"], end: .complete,
        isFaulty: false)
    static let good = DemoStep(
        name: "v2 good", message: "Greet people better", changes: ["greeting": "Welcome, and mind the step"],
        end: .complete, isFaulty: false)
    static let bad = [
        DemoStep(
            name: "v3 fails 5 %", message: "Speed up the till", changes: ["failPercent": "5"], end: .undone,
            isFaulty: true),
        DemoStep(
            name: "v4 fails all", message: "Rewrite the till", changes: ["failPercent": "100"], end: .undone,
            isFaulty: true),
        DemoStep(
            name: "v5 never ready", message: "Warm up the till first",
            changes: ["failPercent": "0", "readyAfter": "never"], end: .undone, isFaulty: false),
    ]
}
