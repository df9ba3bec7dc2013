import NIOCore

/// Copies of requests, which are exchanges without a person at their end.
extension Exchange {
    /// Sends a request of which all is known.
    func beginCopy(_ choice: RouteChoice, body: ByteBuffer, trailers: [TrailerField]) {
        self.choice = choice
        requestEnded = true
        requestTrailers = trailers
        if body.readableBytes > 0 { keep(body) }
        attempt()
    }
}
