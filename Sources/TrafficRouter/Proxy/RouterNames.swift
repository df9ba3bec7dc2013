/// Names that the router gives to header fields and cookies.
enum RouterNames {
    static let releaseHeader = "x-nonevent-release"
    /// In copies of requests, so that an instance can leave out what must not be done twice.
    static let copyMark: StaticString = "x-nonevent-mirror: 1\r\n"
    static let keyCookie = "nonevent-key"
    /// Thirty days: longer than any rollout.
    static let keyCookieAttributes = "; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"
}
