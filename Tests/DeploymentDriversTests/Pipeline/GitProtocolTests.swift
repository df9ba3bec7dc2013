import DeliveryModel
import DeploymentDrivers
import Foundation
import Testing

/// The same repository over real servers, without leaving this machine.
@Suite struct GitProtocolTests {
    @Test func gitDaemon() async throws {
        try await GitFixture.run { fixture in
            let server = try await GitServer.daemon(fixture.root)
            defer { server.stop() }
            try await follow(fixture, server.url + "/origin.git")
            let error = await driverError { _ = try await fixture.mirrors().fetch(server.url + "/none.git") }
            #expect(error?.code == .unreachable)
        }
    }

    @Test func smartHTTP() async throws {
        try await GitFixture.run { fixture in
            let server = try await GitServer.http(fixture.root)
            defer { server.stop() }
            try await follow(fixture, server.url + "/origin.git")
            let error = await driverError { _ = try await fixture.mirrors().fetch(server.url + "/none.git") }
            #expect(error?.code == .unreachable)
        }
    }

    @Test func smartHTTPWithAPassword() async throws {
        try await GitFixture.run { fixture in
            let server = try await GitServer.http(fixture.root, password: "hunter22")
            defer { server.stop() }
            let first = try await fixture.threeServices()
            let plain = server.url + "/origin.git"
            var error = await driverError { _ = try await fixture.mirrors().fetch(plain) }
            #expect(
                error?.code == .refused && error?.message.contains("wants a user") == true, "\(error?.message ?? "")")
            let wrong = plain.replacingOccurrences(of: "http://", with: "http://ada:wrong-one@")
            error = await driverError { _ = try await fixture.mirrors().fetch(wrong) }
            #expect(error?.code == .refused, "\(error?.message ?? "")")
            #expect(error?.message.contains("wrong-one") == false)
            let right = plain.replacingOccurrences(of: "http://", with: "http://ada:hunter22@")
            #expect(try await fixture.mirrors().fetch(right).branches == ["main": first])
        }
    }

    /// A server that takes the connection and says nothing.
    @Test func aServerThatHangsIsGivenUp() async throws {
        try await GitFixture.run { fixture in
            try await MetricsServer.with({ _, _ in .silence }) { server in
                var limits = GitLimits()
                limits.fetchTime = .seconds(1)
                let mirrors = fixture.mirrors(limits)
                let url = "http://127.0.0.1:\(server.port)/origin.git"
                let error = await driverError { _ = try await mirrors.fetch(url) }
                #expect(error?.code == .timedOut)
                let task = Task { try await fixture.mirrors().fetch(url) }
                task.cancel()
                await #expect(throws: DriverError.self) { _ = try await task.value }
            }
        }
    }

    private func follow(_ fixture: GitFixture, _ url: String) async throws {
        let first = try await fixture.threeServices()
        let mirrors = fixture.mirrors()
        #expect(try await mirrors.fetch(url).branches == ["main": first])
        try fixture.write("shop/main.sh", "echo more\n")
        let second = try await fixture.commit("More")
        let change = GitBranchChange(branch: "main", before: first, after: second, isForced: false)
        #expect(try await mirrors.fetch(url).changes == [change])
        let mirror = try mirrors.mirror(of: url)
        #expect(try await mirror.changedPaths(from: first, to: second).paths == ["shop/main.sh"])
        let report = try await mirror.checkOut(second, into: fixture.root + "/tree")
        #expect(report.files == 5)
        #expect(fixture.text(fixture.root + "/tree/shop/main.sh") == "echo more\n")
    }
}
