import Crypto
import DeliveryModel
import Glibc

/// The blobs of an OCI image layout 1.1 directory: `oci-layout`, `index.json`, `blobs/sha256/<hex>`.
struct BlobStore: Sendable {
    let directory: String
    var blobs: String { directory + "/blobs/sha256" }
    var index: String { directory + "/index.json" }
    private var temporary: String { directory + "/incoming" }

    /// Makes the layout where it is missing.
    init(directory: String) throws(StoreError) {
        self.directory = directory
        try FileTree.makeDirectory(blobs)
        try FileTree.makeDirectory(temporary)
        let layout = directory + "/oci-layout"
        if try FileStatus.of(layout) == nil {
            try FileTree.replace(layout, with: Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
        }
    }

    func path(_ digest: ReleaseDigest) -> String { blobs + "/" + digest.hex }

    func has(_ digest: ReleaseDigest) throws(StoreError) -> Bool {
        try FileStatus.of(path(digest))?.kind == .file
    }

    /// A file of its own for a blob that is being written.
    func newTemporaryFile() throws(StoreError) -> OpenFile {
        var template = Array((temporary + "/XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw StoreError.posix("make a file in", temporary) }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { close(descriptor) }
        fchmod(descriptor, 0o644)
        return try OpenFile(path, flags: O_WRONLY)
    }

    /// Writes a small blob.
    func put(_ bytes: [UInt8], mediaType: String, title: String? = nil) throws(StoreError) -> BlobDescriptor {
        let writer = try BlobWriter(store: self, expected: nil)
        try writer.append(bytes)
        var blob = try writer.finish(mediaType: mediaType)
        blob.annotations = title.map { [ReleaseManifest.titleKey: $0] }
        return blob
    }

    /// Reads a small blob whole and checks it.
    func read(_ digest: ReleaseDigest, limit: Int, release: ReleaseDigest) throws(StoreError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(StoreError) {
            bytes = try FileTree.read(path(digest), limit: limit)
        } catch  where error.code == .notFound {
            throw missing(digest, release: release)
        }
        guard Hexadecimal.text(SHA256.hash(data: bytes)) == digest.hex else {
            throw mismatch(digest, release: release)
        }
        return bytes
    }

    func missing(_ digest: ReleaseDigest, release: ReleaseDigest) -> StoreError {
        StoreError(
            .notFound, "blob \(digest) of release \(release.short) is not in \(directory); deploy the release again")
    }

    func mismatch(_ digest: ReleaseDigest, release: ReleaseDigest) -> StoreError {
        StoreError(
            .digestMismatch,
            "blob \(digest) of release \(release.short) is damaged: its bytes have another digest. Remove "
                + "\(path(digest)) "
                + "and deploy the same commit again, which writes it anew; check the disk")
    }

    /// Removes blobs that `used` does not name and that are older than `grace` seconds, and abandoned uploads.
    func collect(used: Set<String>, at once: Set<String>, grace: Int64) throws(StoreError) {
        let now = Int64(time(nil))
        for name in try FileTree.names(in: blobs) where !used.contains(name) {
            guard let status = try FileStatus.of(blobs + "/" + name) else { continue }
            if once.contains(name) || now - status.modified >= grace { try FileTree.remove(blobs + "/" + name) }
        }
        for name in try FileTree.names(in: temporary) {
            let path = temporary + "/" + name
            if let status = try FileStatus.of(path), now - status.modified >= grace { try FileTree.remove(path) }
        }
    }
}
