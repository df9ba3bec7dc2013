/// What the keys of one mapping have to do with each other; part of the table of keys.
enum ServiceFileRelation: Sendable {
    /// Both or neither.
    case together(String, String)
    /// The first may not stand beside any of the others.
    case apart(String, from: [String], why: String)
    /// The key has a meaning only where another one has that value.
    case only(String, when: String, is: String, why: String)
    /// The text must look like that where another key has that value.
    case form(of: String, ServiceFileValue.TextForm, when: String, is: String)
    /// Of the entries under a key, one that says `with: is` needs another key beside them.
    case entries(of: String, with: String, is: String, need: String)
}
