/// What the keys of one mapping have to do with each other; part of the table of keys.
enum ServiceFileRelation: Sendable {
    /// Both or neither.
    case together(String, String)
    /// The first may not stand beside any of the others.
    case apart(String, from: [String], why: String)
    /// The key has a meaning only where another one has that value.
    case only(String, when: String, is: String, why: String)
    /// The key may not stand where another one has that value.
    case unless(String, when: String, is: String, why: String)
    /// The key must stand where another one has that value.
    case needed(String, when: String, is: String)
    /// The key needs another one that is a list with something in it.
    case filled(String, by: String, why: String)
    /// At least one of the keys is written.
    case some(of: [String], what: String)
    /// Exactly one of the keys is written.
    case one(of: [String], what: String = "a comparison")
    /// Of two durations, the first is not longer than the second.
    case ordered(String, String)
    /// The text must look like that where another key has that value.
    case form(of: String, ServiceFileValue.TextForm, when: String, is: String)
    /// Of the entries under a key, one that says `with: is` needs another key beside them.
    case entries(of: String, with: String, is: String, need: String)
}
