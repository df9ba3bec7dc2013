/// Names that the router gives to header fields and cookies.
enum RouterNames {
    static let releaseHeader = "x-nonevent-release"
    static let keyCookie = "nonevent-key"
    /// Thirty days: longer than any rollout.
    static let keyCookieAttributes = "; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"
}
