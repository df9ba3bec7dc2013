import NIOCore

/// Limits of the client's waits and sizes.
enum ClientLimits {
    static let connect = TimeAmount.seconds(5)
    /// For an answer that is computed at once.
    static let answer = TimeAmount.seconds(30)
    /// For a drill, which moves traffic twice and measures it.
    static let drill = TimeAmount.minutes(5)
    /// For one blob.
    static let upload = TimeAmount.hours(1)
    /// Largest JSON answer.
    static let answerBytes = 64 << 20
    /// Largest problem answer that is read.
    static let problemBytes = 64 << 10
    /// Longest line of a stream.
    static let lineBytes = 1 << 20
    /// How much of a file is in memory during an upload.
    static let chunkBytes = 256 << 10
    /// How long an undo or redo is asked for again after its connection broke.
    static let undoRetry = Duration.seconds(5)
    static let undoRetryPause = Duration.milliseconds(100)
    /// Pause between attempts to take up a stream again.
    static let resumePause = Duration.milliseconds(250)
}
