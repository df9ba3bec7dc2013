import DeliveryModel
import NIOCore
import NIOHTTP1

/// One keep-alive connection of a load: at most one request under way. Lives on its event loop.
final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let worker: LoadWorker
    private let head: HTTPRequestHead
    private var context: ChannelHandlerContext?
    private var due: Timestamp?
    private var began: (time: Timestamp, status: Int, release: String)?
    private var isKept = true
    private(set) var sentAt = NIODeadline.distantPast

    init(worker: LoadWorker, target: LoadTarget) {
        self.worker = worker
        // No cookie: each request comes from a new person.
        head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: target.path,
            headers: ["host": target.authority, "user-agent": "nonevent-demo"])
    }

    var isBusy: Bool { due != nil }

    func send(due: Timestamp) {
        self.due = due
        sentAt = .now()
        guard let context else { return fail() }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func close() { context?.close(promise: nil) }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        worker.opened(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard head.status.code >= 200 else { return }
            began = (.now, Int(head.status.code), head.headers.first(name: "x-nonevent-release") ?? "")
            isKept = head.isKeepAlive
        case .body: break
        case .end:
            guard let due, let began else { return close() }
            self.due = nil
            self.began = nil
            worker.samples.append(
                LoadSample(due: due, began: began.time, ended: .now, status: began.status, release: began.release))
            if isKept { worker.free(self) } else { close() }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        fail()
        worker.closed(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// An answer that broke off counts as none, whatever its status said.
    private func fail() {
        guard let due else { return }
        let now = Timestamp.now
        worker.samples.append(
            LoadSample(due: due, began: began?.time ?? now, ended: now, status: 0, release: began?.release ?? ""))
        self.due = nil
        began = nil
    }
}
