extension ServiceFileKey {
    /// What stands under `pipeline`.
    static let pipeline = ServiceFileValue.mapping([
        ServiceFileKey(
            "stages",
            .list(
                of: .mapping(
                    stageKeys + [
                        ServiceFileKey(
                            "parallel",
                            .list(of: .mapping(stageKeys, [.some(of: ["run"], what: "a command")]), count: 1...50),
                            "Stages that run together, under one name.")
                    ], groupRelations),
                count: 0...ServiceFileLimits.stages), required: true,
            "One after another, unless 'needs' says otherwise.")
    ])

    private static let groupRelations: [ServiceFileRelation] =
        [.one(of: ["run", "parallel"], what: "a command")]
        + ["env", "secrets", "timeout", "retries", "cache", "reports"].map {
            .apart($0, from: ["parallel"], why: "it with the members of 'parallel', each for itself")
        }

    private static let stageKeys: [ServiceFileKey] = [
        ServiceFileKey("name", .text(.label), required: true, "Unique in the pipeline; stands in logs and URLs."),
        ServiceFileKey(
            "run", .textOrWords(.script, count: 1...ServiceFileLimits.entries),
            "Commands for /bin/sh -e -u, or a program and its arguments."),
        ServiceFileKey(
            "needs", .list(of: .text(.label), count: 0...ServiceFileLimits.stages),
            "Stages or groups that must pass first; default the one before; [] starts at once."),
        ServiceFileKey(
            "env", .list(of: .text(.stageVariable), count: 0...ServiceFileLimits.entries),
            "NAME=value, or NAME to take it from the control plane's environment."),
        ServiceFileKey(
            "secrets", .list(of: .text(.secretName), count: 0...100),
            "Names of secrets, given as environment variables and masked in the output."),
        ServiceFileKey(
            "timeout", .duration(.seconds(1)...(.seconds(86_400))), "Longest time of one attempt; default 10m."),
        ServiceFileKey("retries", .integer(0...10), "Attempts after the first; default 0."),
        ServiceFileKey(
            "cache",
            .mapping([
                ServiceFileKey(
                    "key", .list(of: .text(.glob), count: 0...ServiceFileLimits.entries),
                    "Files that decide whether it must run again; default all of the service's directory."),
                ServiceFileKey(
                    "paths", .list(of: .text(.relativePath), count: 0...ServiceFileLimits.entries),
                    "What is handed on to later stages and to the release."),
            ]), "When the stage need not run again, and what it leaves behind."),
        ServiceFileKey(
            "reports", .mapping([ServiceFileKey("junit", .text(.glob), "JUnit XML files that it writes.")]),
            "What it tells about its tests."),
    ]

    /// What stands under `deploy`.
    static let deploy = ServiceFileValue.mapping([
        ServiceFileKey("trunk", .text(.branch), "The branch that deploys by itself; default main."),
        ServiceFileKey("auto", .toggle, "Whether green commits of the trunk go out without a person; default on."),
        ServiceFileKey(
            "paths", .list(of: .text(.glob), count: 0...ServiceFileLimits.entries),
            "Files of the repository whose change makes a release; default the service file's directory."),
        ServiceFileKey("team", .text(.label), "The queue is fair among teams."),
        ServiceFileKey("group", .text(.label), "Services of a group share a limit of rollouts at once."),
        ServiceFileKey(
            "supersede", .choice(SupersedePolicy.allCases.map(\.rawValue)),
            "What a newer green commit takes the place of; default waiting."),
        ServiceFileKey(
            "freeze",
            .list(
                of: .mapping([
                    ServiceFileKey("from", .text(.freezeMoment), required: true, "First moment without deploys."),
                    ServiceFileKey("to", .text(.freezeMoment), required: true, "First moment with deploys again."),
                    ServiceFileKey("zone", .text(.zone), "Time zone of both; default UTC."),
                    ServiceFileKey("reason", .text(.reason), "Shown to who waits."),
                ]), count: 0...ServiceFileLimits.freezes), "Times in which nothing is deployed."),
    ])
}
