import Foundation

/// The files of this repository, found from where this file was compiled.
struct Tree {
    struct File {
        /// Below the repository's root, with `/`.
        var path: String
        var lines: [String]
        var text: String
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Files below a directory with one of these endings, sorted; hidden ones and what git ignores here are left out.
    static func files(_ directory: String, endings: [String]) throws -> [File] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root + "/" + directory).sorted()
        return try paths.compactMap { path in
            let parts = path.split(separator: "/")
            guard let name = parts.last, endings.contains(where: { name.hasSuffix($0) }),
                !parts.contains(where: { $0.hasPrefix(".") || $0 == "bin" })
            else { return nil }
            return try file(directory + "/" + path)
        }
    }

    static func file(_ path: String) throws -> File {
        let text = try String(contentsOfFile: root + "/" + path, encoding: .utf8)
        return File(
            path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init),
            text: text)
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root + "/" + path) }

    /// Names of the directories below `Sources`: the rooms.
    static func rooms() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root + "/Sources").filter { !$0.hasPrefix(".") }.sorted()
    }

    static func swift() throws -> [File] {
        try ["Sources", "Tests", "Examples"].flatMap { try files($0, endings: [".swift"]) } + [file("Package.swift")]
    }

    static func sources() throws -> [File] { try files("Sources", endings: [".swift"]) }
}

/// The code of a line, without what a comment says. Text in quotes stays: a rule that looks for `name(` is not met
/// there by chance.
func code(_ line: String) -> String {
    let trimmed = line.drop(while: \.isWhitespace)
    return trimmed.hasPrefix("//") ? "" : line
}
