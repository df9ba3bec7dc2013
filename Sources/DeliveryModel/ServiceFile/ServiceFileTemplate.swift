/// The first service file a person sees: short, and every line says what it is for.
enum ServiceFileTemplate {
    static func yaml(service: String, proposal: ServiceFileProposal, config: [String]) -> String {
        let origin = proposal.origin.map { "Recognised: \($0)." } ?? "Nothing known was recognised: check run.command."
        let configuration =
            config.isEmpty
            ? "  # config: [\"config/production.yaml\"]   # part of the release: an undo brings it back"
            : "  config: \(list(config))   # part of the release: an undo brings it back"
        return """
            # How Nonevent runs and rolls out this service. \(origin)
            # `nonevent validate` checks this file, `nonevent deploy` ships it, `nonevent undo` takes it back.

            service: \(quotedIfNeeded(service))

            run:
              # Any program that listens on 127.0.0.1:$PORT; every instance gets a port of its own.
              command: \(list(proposal.command))
              instances: 1
              # Answers 2xx as soon as the instance can serve.
              ready: { path: \(quotedIfNeeded(proposal.ready)), within: 20s }
              # Time to finish requests after SIGTERM.
              stop: { grace: 10s }
              # environment: { LOG_LEVEL: info }

            artifact:
              # The files of a release, relative to this file; a directory ends with '/'.
              include: \(list(proposal.include))
            \(configuration)

            route:
              # Which requests are this service's. Add your host name, or paths: ["/\(service)"].
              hosts: ["\(service).localhost"]

            # Requests made to the new release before any user sees it.
            # verify:
            #   smoke:
            #     - { path: /, status: 200 }

            rollout:
              # 'auto' gives the new release more traffic as evidence grows, and undoes it when it is worse.
              # A list is followed as written: [1%, 5%, 25%, 50%, 100%] with hold: 2m
              steps: auto

            slo:
              # Part of requests that must be good; the judge works to it.
              availability: 99.9%
              # latency: { p99: 300ms }

            """
    }

    private static func list(_ texts: [String]) -> String {
        "[" + texts.map(quoted).joined(separator: ", ") + "]"
    }

    /// A name such as `true` or `12` would be read as something else than text without quotes.
    private static func quotedIfNeeded(_ text: String) -> String {
        let words: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        let isPlain = text.first.map { $0.isLetter || $0 == "/" } ?? false
        return isPlain && !words.contains(text) ? text : quoted(text)
    }

    private static func quoted(_ text: String) -> String {
        "\""
            + text.unicodeScalars.map { scalar in
                switch scalar {
                case "\"": return "\\\""
                case "\\": return "\\\\"
                default:
                    guard scalar.value < 32 || scalar.value == 127 else { return String(scalar) }
                    let hex = String(scalar.value, radix: 16)
                    return "\\x" + (hex.count < 2 ? "0" : "") + hex
                }
            }.joined() + "\""
    }
}
