import NIOCore
import NIOPosix

/// A steady load from people who each come once, over keep-alive connections, on a thread of its own.
final class LoadGenerator: Sendable {
    /// How long answers may take after the last request.
    static let stopLimit = Duration.seconds(12)
    static let stopLook = Duration.milliseconds(5)

    let samples: LoadSamples
    private let group: MultiThreadedEventLoopGroup
    private let worker: NIOLoopBound<LoadWorker>
    private let loop: any EventLoop

    /// Begins at once.
    /// - Parameter rate: requests a second, whatever becomes of them.
    static func start(target: LoadTarget, rate: Int) async throws -> LoadGenerator {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let samples = LoadSamples()
        let worker = try await loop.submit {
            let worker = LoadWorker(loop: loop, target: target, rate: rate, samples: samples)
            worker.start()
            return NIOLoopBound(worker, eventLoop: loop)
        }.get()
        return LoadGenerator(group: group, loop: loop, worker: worker, samples: samples)
    }

    private init(
        group: MultiThreadedEventLoopGroup, loop: any EventLoop, worker: NIOLoopBound<LoadWorker>, samples: LoadSamples
    ) {
        self.group = group
        self.loop = loop
        self.worker = worker
        self.samples = samples
    }

    /// Lets the requests under way end, then closes everything.
    func stop() async {
        let (loop, worker) = (loop, worker)
        loop.execute { worker.value.stop() }
        let deadline = ContinuousClock.now + Self.stopLimit
        while ContinuousClock.now < deadline {
            let isQuiet = try? await loop.submit { worker.value.isQuiet }.get()
            if isQuiet != false { break }
            do { try await Task.sleep(for: Self.stopLook) } catch { break }
        }
        loop.execute { worker.value.end() }
        // Nothing can be done about a thread that does not end; the process ends soon.
        try? await group.shutdownGracefully()
    }
}
