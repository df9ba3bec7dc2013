import DeliveryModel
import Testing

@Suite struct ServiceFileDetectionTests {
    @Test(arguments: [
        (["Package.swift", "Sources/shop/main.swift"], ["./.build/release/shop"]),
        (["package.json", "server.js"], ["node", "server.js"]), (["package.json"], ["npm", "start"]),
        (["go.mod"], ["./bin/my-shop"]), (["Cargo.toml"], ["./target/release/My Shop"]),
        (["app.py", "requirements.txt"], ["python3", "app.py"]), (["server.py"], ["python3", "server.py"]),
        (["index.html"], ["python3", "-m", "http.server", "$PORT", "--bind", "127.0.0.1"]),
        ([], ["./my-shop", "--port", "$PORT"]),
    ])
    func proposalParses(files: [String], command: [String]) throws {
        let proposal = ServiceFileDetection.propose(
            files: files.map { ServiceFileDetection.File($0) }, directoryName: "My Shop")
        let read = try ServiceFileParser.parse(Array(proposal.yaml.utf8), file: "nonevent.yaml")
        #expect(read.service.text == "my-shop" && read.run.command == command)
        #expect(proposal.yaml.contains("# "))
    }

    @Test func procfileAndProgramsWin() throws {
        let procfile = ServiceFileDetection.propose(
            files: [.init("Procfile"), .init("package.json")], directoryName: "a", procfileWeb: "gunicorn -b :$PORT app"
        )
        #expect(
            try ServiceFileParser.parse(Array(procfile.yaml.utf8), file: "f").run.command == [
                "gunicorn", "-b", ":$PORT", "app",
            ])
        let quoted = ServiceFileDetection.propose(
            files: [], directoryName: "true", procfileWeb: "A=\"1\" ./run | tee \\log")
        let read = try ServiceFileParser.parse(Array(quoted.yaml.utf8), file: "f")
        #expect(read.run.command == ["sh", "-c", "exec A=\"1\" ./run | tee \\log"])
        let program = ServiceFileDetection.propose(
            files: [.init("bin/shop", isExecutable: true), .init("bin/x.txt"), .init("config/a.yaml")],
            directoryName: "ÄÖ")
        let specification = try ServiceFileParser.parse(Array(program.yaml.utf8), file: "f")
        #expect(specification.run.command == ["./bin/shop"] && specification.artifact.config == ["config/a.yaml"])
        #expect(specification.service.text == "service")
    }

    @Test func nginxParses() throws {
        let proposal = ServiceFileDetection.propose(files: [.init("nginx.conf")], directoryName: "web")
        #expect(try ServiceFileParser.parse(Array(proposal.yaml.utf8), file: "f").run.ready.path == "/")
    }
}
