import Foundation
import Testing

extension EndToEnd {
    /// TLS and HTTP/2 with curl, certificates that change, and a second router that takes over.
    @Suite(.serialized) struct RouterTLSTests {
        /// What curl says of one request: protocol version, status, and how it ended.
        private func curl(_ world: World, _ router: RouterAlone, host: String, _ more: String...) throws -> String {
            let port = try #require(router.tlsPort)
            let process = try world.program(
                [
                    "curl", "-sS", "-o", "/dev/null", "-w", "%{http_version} %{http_code} %{ssl_verify_result}",
                    "--max-time", "30", "--resolve", "\(host):\(port):127.0.0.1",
                ] + more + ["https://\(host):\(port)/page"])
            _ = process.wait(within: .seconds(60))
            return process.output + process.errors
        }

        @Test func certificatesAreChosenByNameAndReadAgain() throws {
            try World.with(serving: false) { world in
                try world.write("hello", to: "page")
                let (files, port) = try world.files()
                defer { files.signal(SIGKILL) }
                try world.certificate("a.test", as: "a")
                try world.certificate("b.test", as: "b")
                try world.write(RouterAlone.table(port), to: "table.json")
                let router = try RouterAlone(
                    world,
                    [
                        "--table", "table.json", "--listen", "127.0.0.1:0", "--tls", "127.0.0.1:0", "--certificate",
                        "a.pem", "--key", "a.key", "--certificate", "b.pem", "--key", "b.key",
                    ])
                defer { router.end() }
                for host in ["a", "b"] {
                    let good = try curl(world, router, host: "\(host).test", "--cacert", "\(host).pem")
                    #expect(good == "2 200 0")
                }
                let old = try curl(
                    world, router, host: "a.test", "--cacert", "a.pem", "--http1.1", "--tls-max", "1.2")
                #expect(old == "1.1 200 0")
                let wrong = try curl(world, router, host: "a.test", "--cacert", "b.pem")
                #expect(!wrong.hasPrefix("2 200"))
                // A new certificate for the same name; the old one is not shown any more.
                try world.tool("cp", "a.pem", "old.pem", in: world.tree)
                try world.certificate("a.test", as: "a")
                #expect(
                    try Poll.until(.seconds(30)) {
                        try curl(world, router, host: "a.test", "--cacert", "a.pem") == "2 200 0"
                    })
                #expect(try !curl(world, router, host: "a.test", "--cacert", "old.pem").hasPrefix("2 200"))
                // Broken files: said once, and what was good goes on.
                try world.write("nonsense", to: "a.pem")
                #expect(Poll.until(.seconds(30)) { router.process.errors.contains("a.pem") })
                #expect(try curl(world, router, host: "b.test", "--cacert", "b.pem") == "2 200 0")
                #expect(try curl(world, router, host: "a.test", "--insecure").hasPrefix("2 200"))
            }
        }

        @Test func theCertificateOfAServiceFileIsShown() throws {
            try World.with(serving: false) { world in
                try world.certificate("shop.test", as: "shop")
                try world.serve(["--tls", "127.0.0.1:0"])
                try world.commit(Behaviour(version: "1"))
                let file = world.tree + "/nonevent.yaml"
                let text = try String(contentsOfFile: file, encoding: .utf8).replacingOccurrences(
                    of: "  hosts: [\"shop.localhost\"]\n",
                    with: """
                          hosts: ["shop.localhost", "shop.test"]
                          tls: { certificate: \(world.tree)/shop.pem, key: \(world.tree)/shop.key }

                        """)
                try text.write(toFile: file, atomically: true, encoding: .utf8)
                try world.tool("cp", "shop.pem", world.root + "/trusted.pem", in: world.tree)
                try world.commitAll("TLS")
                let deploy = try world.run("deploy", "--wait", within: .seconds(120))
                #expect(deploy.code == 0, "\(deploy)")
                struct Stats: Decodable {
                    struct Status: Decodable { var tlsPort: Int }
                    var status: Status
                }
                let stats = try world.run("router", "stats", "--json").out
                let port = try JSONDecoder().decode(Stats.self, from: Data(stats.utf8)).status.tlsPort
                let reply = try world.tool(
                    "curl", "-sS", "--http2", "-w", " %{http_version}", "--cacert", world.root + "/trusted.pem",
                    "--resolve", "shop.test:\(port):127.0.0.1", "https://shop.test:\(port)/page")
                #expect(reply == "1 2")
            }
        }

        @Test func wrongOptionsAreToldAtOnce() throws {
            try World.with(serving: false) { world in
                let cases: [([String], String)] = [
                    (["--certificate", "a.pem"], "each certificate needs its key"),
                    (["--certificate", "a.pem", "--key", "a.key"], "--tls"),
                    (["--takeover"], "--admin-socket"),
                    (["--tls", "nowhere"], "--tls"),
                ]
                for (options, words) in cases {
                    let process = try world.start(["router", "--listen", "127.0.0.1:0"] + options)
                    #expect(process.wait(within: .seconds(30)) == 64)
                    #expect(process.errors.contains(words), "\(options): \(process.errors)")
                }
            }
        }

        @Test func aSecondRouterTakesOverUnderLoad() throws {
            try World.with(serving: false) { world in
                try world.write("hello", to: "page")
                let (files, port) = try world.files()
                defer { files.signal(SIGKILL) }
                try world.write(RouterAlone.table(port), to: "table.json")
                let own = ["--listen", "127.0.0.1:0", "--admin-socket", "admin.sock", "--state", "state.json"]
                var current = try RouterAlone(world, own + ["--table", "table.json"])
                let load = SteadyLoad(port: current.port, host: "site.test", perSecond: 200, people: 8)
                for _ in 0..<3 {
                    let next = try RouterAlone(world, own + ["--takeover"])
                    #expect(next.port == current.port)
                    #expect(current.process.wait(within: .seconds(60)) == 0, "\(current.process.errors)")
                    #expect(current.process.errors.contains("another router has taken over"))
                    current = next
                    let before = load.now.requests
                    #expect(Poll.until(.seconds(60)) { load.now.requests > before + 100 })
                }
                let seen = load.end()
                #expect(seen.requests > 300 && seen.failures.isEmpty, "\(seen.failures)")
                let stats = try world.run("router", "stats", "--socket", "admin.sock")
                #expect(stats.code == 0 && stats.out.contains("site"), "\(stats)")
                current.end()
                #expect(try world.run("router", "stats", "--socket", "admin.sock").code == 69)
            }
        }
    }
}
