public import DeliveryModel
import Glibc

extension ReleaseArchive {
    private static let marker = ".nonevent-release"

    /// Where ``unpack(_:to:)`` puts a release when nothing else is said; removed together with the release.
    public func unpackedDirectory(_ digest: ReleaseDigest) -> String {
        directory + "/unpacked/" + digest.hex
    }

    /// Puts a release's files into `program/` and `config/` of a directory, which appears whole or not at all. Every
    /// blob is checked
    /// while it is read. Files are read-only. When the release is there already, this returns at once.
    ///
    /// - Parameter target: Must not exist, or be where the same release was unpacked before; default
    ///   ``unpackedDirectory(_:)``.
    /// - Returns: The directory.
    /// - Throws: `.digestMismatch` naming blob and release; `.refused` for tars that would write outside, and when
    ///   something else is
    ///   at the target; `.notFound`, `.full`, `.io`.
    @discardableResult
    public func unpack(_ digest: ReleaseDigest, to target: String? = nil) throws(StoreError) -> String {
        let target = target ?? unpackedDirectory(digest)
        if try isUnpacked(digest, at: target) { return target }
        let manifest = try manifest(digest)
        guard let parent = FileTree.parent(of: target) else {
            throw StoreError(.refused, "'\(target)' is no directory to unpack to; give an absolute path")
        }
        try FileTree.makeDirectory(parent)
        // Of this process, thread and time alone: a directory left by a crash never stands in the way.
        var template = Array((parent + "/.unpacking-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw StoreError.posix("make a directory in", parent) }
        let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do throws(StoreError) {
            guard chmod(temporary, 0o755) == 0 else { throw StoreError.posix("set the mode of", temporary) }
            for (part, name) in [(ReleaseManifest.Part.program, "program"), (.config, "config")] {
                guard let layer = manifest.layer(part) else { continue }
                try FileTree.makeDirectory(temporary + "/" + name)
                try extract(layer, of: digest, into: temporary + "/" + name)
            }
            try FileTree.replace(temporary + "/" + Self.marker, with: Array(digest.description.utf8))
            // The files' bytes before their name: a crash must not leave a directory that only looks whole.
            // One wait for all of them, where one fsync a file would take seconds for a thousand.
            sync()
            try FileTree.rename(temporary, to: target)
        } catch {
            try? FileTree.remove(temporary)
            // Another thread may have been faster with the same release.
            if (try? isUnpacked(digest, at: target)) == true { return target }
            throw error
        }
        return target
    }

    private func isUnpacked(_ digest: ReleaseDigest, at target: String) throws(StoreError) -> Bool {
        guard try FileStatus.of(target) != nil else { return false }
        let marker = target + "/" + Self.marker
        if try FileStatus.of(marker)?.kind == .file,
            try FileTree.read(marker, limit: 128) == Array(digest.description.utf8)
        {
            return true
        }
        throw StoreError(
            .refused, "\(target) exists, but is not the unpacked release \(digest.short); move it aside and try again")
    }

    private func extract(_ layer: BlobDescriptor, of release: ReleaseDigest, into directory: String) throws(StoreError)
    {
        guard try hasBlob(layer.digest) else { throw store.missing(layer.digest, release: release) }
        let reader = try HashingReader(store.path(layer.digest))
        var extractor = try TarExtractor(into: directory)
        do throws(StoreError) {
            try extractor.extract(reader)
        } catch  where error.code == .refused {
            // Damage shows first as a tar that makes no sense: say what is wrong, not what follows from it.
            guard try reader.matches(layer.digest) else { throw store.mismatch(layer.digest, release: release) }
            throw error
        }
        guard try reader.matches(layer.digest) else { throw store.mismatch(layer.digest, release: release) }
    }
}
