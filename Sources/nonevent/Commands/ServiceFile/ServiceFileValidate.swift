import ArgumentParser
import DeliveryModel
import FoundationEssentials

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Look a service file over: every mistake, where it is, and what is allowed.",
        discussion: """
            Needs no control plane. Mistakes: exit code 65. With --json the file with every default filled in, or \
            its problems.
            Example: nonevent validate nonevent.yaml
            """)

    @Argument(help: "The service file.")
    var file = "nonevent.yaml"
    @Flag(help: "Write the JSON Schema of such files instead, for editors.")
    var schema = false
    @Flag(help: "The file is a router.yaml, with the settings of the whole router.")
    var routerSettings = false
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard !schema else {
            let text = routerSettings ? ServiceFileSchema.routerSettings : ServiceFileSchema.text
            // It ends with a line end of its own.
            return try StandardOutput.line(String(text.dropLast()))
        }
        do {
            if routerSettings {
                _ = try RouterSettings(parsing: try ServiceFileBytes.read(file), file: file)
                guard !output.json else { return try StandardOutput.json(Problems(problems: [])) }
                return try StandardOutput.line("\(file): the router's settings are fine")
            }
            let specification = try ServiceFileParser.parse(try ServiceFileBytes.read(file), file: file)
            guard !output.json else { return try StandardOutput.json(specification) }
            try StandardOutput.line("\(file): service \(specification.service) is fine")
        } catch let error as ServiceFileError where output.json {
            try StandardOutput.json(Problems(problems: error.problems))
            throw CommandFailure(.badInput)
        }
    }

    private struct Problems: Encodable {
        var problems: [ServiceFileProblem]
    }
}

/// Reads a service file from disk.
enum ServiceFileBytes {
    static func read(_ path: String) throws -> [UInt8] {
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(
                .badInput, "expected a service file at \(path), found none; write one with `nonevent init`, or name it")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.badInput, "\(path) cannot be read; look at its permissions, and that it is a file")
        }
        return [UInt8](data)
    }
}
