public import DeliveryModel
import Glibc
import Synchronization

/// The releases that a control plane keeps: one OCI image layout 1.1 for all of them, blobs shared, and the directories
/// that
/// releases are unpacked to, `unpacked/<digest>`. Safe to use from any thread; one object per directory.
public final class ReleaseArchive: Sendable {
    public let directory: String
    let store: BlobStore
    /// The index as it is on disk, once it was needed: one that cannot be read must not keep a control plane from
    /// starting. Held while it is changed or blobs are collected, so that neither loses what the other does.
    private let index = Mutex<IndexFile?>(nil)

    public init(directory: String) throws(StoreError) {
        self.directory = directory
        store = try BlobStore(directory: directory)
        try FileTree.makeDirectory(directory + "/unpacked")
        if try FileStatus.of(store.index) == nil { try IndexFile.make(store.index) }
    }

    public func hasBlob(_ digest: ReleaseDigest) throws(StoreError) -> Bool {
        try store.has(digest)
    }

    /// Begins a blob; its bytes are checked against `digest` when the writer finishes. Manifests are blobs too.
    public func putBlob(_ digest: ReleaseDigest) throws(StoreError) -> BlobWriter {
        try BlobWriter(store: store, expected: digest)
    }

    /// Makes a release count as there, once its manifest and all blobs are. Registering again changes nothing.
    ///
    /// - Throws: `.notFound` naming the blobs that are missing, `.refused` for a manifest that is no release's,
    ///   `.digestMismatch`.
    @discardableResult
    public func register(_ digest: ReleaseDigest) throws(StoreError) -> StoredRelease {
        try changing { (index) throws(StoreError) in
            let manifest = try self.manifest(digest)
            var missing: [BlobDescriptor] = []
            for blob in manifest.blobs where try !self.store.has(blob.digest) { missing.append(blob) }
            guard missing.isEmpty else {
                throw StoreError(
                    .notFound,
                    "release \(digest.short) lacks blobs \(missing.map(\.digest.description).joined(separator: ", ")); "
                        + "upload them, then register it again")
            }
            for blob in manifest.blobs {
                let size = try FileStatus.of(self.store.path(blob.digest))?.size ?? 0
                guard size == blob.size else {
                    throw StoreError(
                        .refused, "blob \(blob.digest) has \(size) bytes, but the manifest says \(blob.size)")
                }
            }
            if let known = index.entry(digest) { return known.release }
            let entry = ReleaseIndex.Entry(
                mediaType: ReleaseManifest.manifestType, digest: digest,
                size: try FileStatus.of(self.store.path(digest))?.size ?? 0,
                artifactType: ReleaseManifest.artifactType, annotations: manifest.annotations)
            try index.append(entry)
            return entry.release
        }
    }

    /// The manifest, checked against its digest; registered or not.
    public func manifest(_ digest: ReleaseDigest) throws(StoreError) -> ReleaseManifest {
        let bytes = try store.read(digest, limit: ReleaseLimits.manifestBytes, release: digest)
        let manifest = try CanonicalJSON.decode(ReleaseManifest.self, bytes, from: "the blob \(digest)")
        let complete = ReleaseManifest.Part.allCases.allSatisfy { manifest.layer($0) != nil }
        guard manifest.artifactType == ReleaseManifest.artifactType, complete else {
            throw StoreError(.refused, "\(digest) is not a release: expected the type \(ReleaseManifest.artifactType)")
        }
        return manifest
    }

    /// The service file as it was packed.
    public func serviceFile(_ digest: ReleaseDigest) throws(StoreError) -> [UInt8] {
        guard let layer = try manifest(digest).layer(.serviceFile) else {
            throw StoreError(.refused, "release \(digest.short) has no service file")
        }
        return try store.read(layer.digest, limit: ReleaseLimits.serviceFileBytes, release: digest)
    }

    /// Registered releases, the one registered first at the front.
    public func list() throws(StoreError) -> [StoredRelease] {
        try changing { (index) throws(StoreError) in index.entries.map(\.release) }
    }

    /// The one registered release whose digest or commit begins with `prefix` (at least 4 characters, `sha256:`
    /// allowed).
    ///
    /// - Parameter service: Only releases of this service; `nil` for all.
    /// - Throws: `.notFound` for none, `.refused` for several, naming them, and for a prefix that is too short.
    public func resolve(_ prefix: String, service: String? = nil) throws(StoreError) -> StoredRelease {
        let wanted = prefix.hasPrefix("sha256:") ? String(prefix.dropFirst(7)) : prefix
        guard wanted.utf8.count >= ReleaseLimits.shortestPrefix else {
            throw StoreError(
                .refused,
                "'\(prefix)' is too short to name a release; give \(ReleaseLimits.shortestPrefix) characters or more")
        }
        let found = try list().filter { release in
            (service == nil || release.service == service)
                && (release.digest.hex.hasPrefix(wanted) || release.commit.hasPrefix(wanted))
        }
        guard let release = found.first else {
            throw StoreError(
                .notFound, "no release has a digest or commit that begins with '\(prefix)'; list them with 'releases'")
        }
        guard found.count == 1 else {
            let names = found.prefix(5).map { "\($0.digest.short) (\($0.service), commit \($0.commit.prefix(12)))" }
            throw StoreError(
                .refused, "'\(prefix)' names \(found.count) releases: \(names.joined(separator: ", ")); give a digest")
        }
        return release
    }

    /// Reads every blob of a release. - Throws: `.digestMismatch` or `.notFound` naming the blob and what to do.
    public func verify(_ digest: ReleaseDigest) throws(StoreError) {
        for blob in try manifest(digest).blobs {
            guard try store.has(blob.digest) else { throw store.missing(blob.digest, release: digest) }
            guard try HashingReader(store.path(blob.digest)).matches(blob.digest) else {
                throw store.mismatch(blob.digest, release: digest)
            }
        }
    }

    /// Takes a release out of the index and removes its unpacked files and the blobs that no other release has. The
    /// caller makes
    /// sure that no instance runs from it. - Throws: `.notFound` when it is not registered.
    public func remove(_ digest: ReleaseDigest) throws(StoreError) {
        try changing { (index) throws(StoreError) in
            guard index.entry(digest) != nil else {
                throw StoreError(.notFound, "release \(digest.short) is not in \(self.directory)")
            }
            var own: Set<String> = [digest.hex]
            // A manifest that cannot be read must not keep a release from being removed; its blobs go when their grace
            // is over.
            if let manifest = try? self.manifest(digest) { own.formUnion(manifest.blobs.map(\.digest.hex)) }
            try index.remove(digest)
            try self.collect(&index, atOnce: own)
        }
    }

    /// Removes blobs and unpacked files that no registered release has, and abandoned uploads; blobs only an hour after
    /// they came,
    /// as they may be waiting for their release to be registered.
    public func collectGarbage() throws(StoreError) {
        try changing { (index) throws(StoreError) in try self.collect(&index, atOnce: []) }
    }

    private func collect(_ index: inout IndexFile, atOnce own: Set<String>) throws(StoreError) {
        var used: Set<String> = []
        var registered: Set<String> = []
        for entry in index.entries {
            registered.insert(entry.digest.hex)
            used.insert(entry.digest.hex)
            // Of a release whose manifest is unreadable it is unknown which blobs it has: nothing may be collected.
            used.formUnion(
                try index.blobs(entry.digest) { (digest) throws(StoreError) in
                    try self.manifest(digest).blobs.map(\.digest.hex)
                })
        }
        for name in try FileTree.names(in: directory + "/unpacked")
        where !registered.contains(name) && !name.hasPrefix(".") {
            try FileTree.remove(directory + "/unpacked/" + name)
        }
        try store.collect(used: used, at: own, grace: ReleaseLimits.uploadGrace)
    }

    private func changing<Value: Sendable>(
        _ body: (inout IndexFile) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let result = index.withLock { index -> Result<Value, StoreError> in
            do throws(StoreError) {
                var read: IndexFile
                if let known = index { read = known } else { read = try IndexFile(path: store.index) }
                // In one place only, so that changing it copies nothing.
                index = nil
                defer { index = read }
                return .success(try body(&read))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
