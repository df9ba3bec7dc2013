import NIOCore

/// One stream's windows and queues, in both directions.
final class HTTP2Flow {
    enum Ending {
        case none
        /// The last data frame ends the stream.
        case withData
        case trailers([TrailerField])
    }

    let id: UInt32
    /// What the other side takes yet; may be below 0 after it has lowered its setting.
    var sendWindow: Int
    /// What the other side may send yet.
    var receiveWindow: Int
    /// Bytes received and handed on, for which no WINDOW_UPDATE has been sent yet.
    var uncredited = 0
    /// Data to be sent, for which the windows have no room.
    private(set) var queued: [ByteBuffer] = []
    private(set) var queuedBytes = 0
    /// What comes behind the queued data.
    var ending = Ending.none
    /// END_STREAM was sent.
    var localEnded = false
    /// END_STREAM was received.
    var remoteEnded = false
    /// When data was last sent or the stream was opened.
    var lastSent: NIODeadline
    /// Data received that nobody takes yet.
    private(set) var received: [ByteBuffer] = []
    private(set) var receivedBytes = 0
    /// The side that uses this stream; cut when the stream is closed.
    var user: (any HTTP2StreamUser)?

    init(id: UInt32, sendWindow: Int, receiveWindow: Int, now: NIODeadline) {
        self.id = id
        self.sendWindow = sendWindow
        self.receiveWindow = receiveWindow
        lastSent = now
    }

    /// Whether anything waits for the windows.
    var isBlocked: Bool {
        if case .none = ending { return !queued.isEmpty }
        return true
    }

    func queue(_ data: ByteBuffer) {
        queued.append(data)
        queuedBytes += data.readableBytes
    }

    /// Takes up to `limit` bytes from the front of the queue.
    func takeQueued(_ limit: Int) -> ByteBuffer? {
        guard limit > 0, var first = queued.first else { return nil }
        let count = min(limit, first.readableBytes)
        guard let piece = first.readSlice(length: count) else { return nil }
        queuedBytes -= count
        if first.readableBytes == 0 { queued.removeFirst() } else { queued[0] = first }
        return piece
    }

    func keep(_ data: ByteBuffer) {
        received.append(data)
        receivedBytes += data.readableBytes
    }

    func takeReceived() -> ByteBuffer? {
        guard !received.isEmpty else { return nil }
        let first = received.removeFirst()
        receivedBytes -= first.readableBytes
        return first
    }

    func drop() {
        queued = []
        queuedBytes = 0
        received = []
        receivedBytes = 0
        ending = .none
    }
}

/// What the connection tells those who use a stream.
protocol HTTP2StreamUser: AnyObject {
    /// There is room for data again.
    func streamBecameWritable()
    /// The stream is over, and nothing more comes: reset by the other side, or lost with the connection.
    ///
    /// - Parameter wasUntouched: the other side has said that it did nothing with it, so that it may be sent again.
    func streamLost(_ code: HTTP2ErrorCode, wasUntouched: Bool)
}

/// The open streams of a connection; few, so that a search through their numbers is the fastest way to one.
struct HTTP2FlowTable {
    private var identifiers: [UInt32] = []
    private(set) var flows: [HTTP2Flow] = []

    var count: Int { flows.count }
    var isEmpty: Bool { flows.isEmpty }

    func find(_ id: UInt32) -> HTTP2Flow? {
        for index in identifiers.indices where identifiers[index] == id { return flows[index] }
        return nil
    }

    mutating func insert(_ flow: HTTP2Flow) {
        identifiers.append(flow.id)
        flows.append(flow)
    }

    mutating func remove(_ id: UInt32) {
        guard let index = identifiers.firstIndex(of: id) else { return }
        let last = flows.count - 1
        identifiers.swapAt(index, last)
        flows.swapAt(index, last)
        identifiers.removeLast()
        flows.removeLast()
    }

    mutating func removeAll() -> [HTTP2Flow] {
        defer { (identifiers, flows) = ([], []) }
        return flows
    }
}

/// How the streams ended that were closed last, to judge frames that still come for them.
struct HTTP2ClosedStreams {
    enum Way {
        case ended, resetByUs, resetByPeer
    }

    private static let capacity = 256
    private var entries: [(id: UInt32, way: Way)] = []
    private var next = 0

    mutating func note(_ id: UInt32, _ way: Way) {
        if entries.count < Self.capacity {
            entries.append((id, way))
        } else {
            entries[next] = (id, way)
            next = (next + 1) % Self.capacity
        }
    }

    /// `nil`: never opened, or closed long ago.
    func find(_ id: UInt32) -> Way? { entries.last { $0.id == id }?.way }
}
