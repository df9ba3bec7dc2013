import DeliveryModel

/// `index.json` with what is in it: read once, since whoever registers a release among thousands must not wait until
/// all the others have been read and written anew.
struct IndexFile {
    private let path: String
    private(set) var entries: [ReleaseIndex.Entry]
    /// Each entry in JSON, in the same order.
    private var texts: [[UInt8]]
    private var places: [ReleaseDigest: Int]
    /// Hexadecimal digests of the blobs of releases whose manifests have been read.
    private var blobs: [ReleaseDigest: [String]] = [:]

    /// Writes one without releases.
    static func make(_ path: String) throws(StoreError) {
        try FileTree.replace(path, with: try CanonicalJSON.encode(ReleaseIndex()))
    }

    init(path: String) throws(StoreError) {
        self.path = path
        let bytes = try FileTree.read(path, limit: ReleaseLimits.indexBytes)
        entries = try CanonicalJSON.decode(ReleaseIndex.self, bytes, from: path).manifests
        texts = []
        for entry in entries { texts.append(try CanonicalJSON.encode(entry)) }
        places = Self.places(entries)
    }

    func entry(_ digest: ReleaseDigest) -> ReleaseIndex.Entry? { places[digest].map { entries[$0] } }

    /// Changes nothing when the file cannot be written.
    mutating func append(_ entry: ReleaseIndex.Entry) throws(StoreError) {
        texts.append(try CanonicalJSON.encode(entry))
        do throws(StoreError) { try write() } catch {
            texts.removeLast()
            throw error
        }
        places[entry.digest] = entries.count
        entries.append(entry)
    }

    /// Changes nothing when the file cannot be written.
    mutating func remove(_ digest: ReleaseDigest) throws(StoreError) {
        guard let place = places[digest] else { return }
        let text = texts.remove(at: place)
        do throws(StoreError) { try write() } catch {
            texts.insert(text, at: place)
            throw error
        }
        entries.remove(at: place)
        places = Self.places(entries)
        blobs[digest] = nil
    }

    /// The release's blobs, `read` only once.
    mutating func blobs(
        _ digest: ReleaseDigest, read: (ReleaseDigest) throws(StoreError) -> [String]
    ) throws(StoreError) -> [String] {
        if let known = blobs[digest] { return known }
        let found = try read(digest)
        blobs[digest] = found
        return found
    }

    /// The same bytes as those of the whole index in canonical JSON, put together.
    private func write() throws(StoreError) {
        let frame = try CanonicalJSON.encode(ReleaseIndex())
        guard let bracket = frame.firstIndex(of: UInt8(ascii: "[")) else {
            throw StoreError(.io, "cannot write JSON: an index has a list")
        }
        var bytes = Array(frame[...bracket])
        bytes.reserveCapacity(frame.count + texts.reduce(0) { $0 + $1.count + 1 })
        for (place, text) in texts.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += text
        }
        bytes += frame[(bracket + 1)...]
        try FileTree.replace(path, with: bytes)
    }

    /// The first of each digest.
    private static func places(_ entries: [ReleaseIndex.Entry]) -> [ReleaseDigest: Int] {
        Dictionary(entries.enumerated().map { ($1.digest, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
