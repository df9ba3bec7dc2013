import DeliveryModel
import FoundationEssentials
import Glibc
import NIOCore
import SystemCalls
import Testing

@testable import TrafficRouter

/// The admin socket and the table file.
@Suite(.timeLimit(.minutes(2)))
struct AdminTests {
    private func put(_ table: RouteTable, _ client: TestClient) async throws -> TestClient.Response {
        try await put(String(decoding: try JSONEncoder().encode(table), as: UTF8.self), client)
    }

    private func put(_ body: String, _ client: TestClient) async throws -> TestClient.Response {
        try await client.send("PUT /table HTTP/1.1\r\nHost: r\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        return try await client.response()
    }

    @Test func tablesGoInAndCountsComeOut() async throws {
        let instance = try await TestInstance.start("one")
        try await withDirectory { directory in
            let socket = directory + "/admin.sock"
            try await withRouter(nil, admin: socket, file: directory + "/table.json") { router in
                var attributes = stat()
                #expect(stat(socket, &attributes) == 0 && attributes.st_mode & 0o777 == 0o600)
                let admin = try await TestClient.connect(unix: socket)
                let table = try Sample.table(3, [try Sample.release("a", share: 10_000, [instance])])
                let accepted = try await put(table, admin)
                #expect(accepted.status == 200 && accepted.text == "{\"generation\":3}\n")
                #expect(try await put(table, admin).status == 200)
                #expect(try await put(RouteTable(generation: 2), admin).status == 409)
                #expect(try await put("{\"generation\":\"x\"}", admin).text.contains("at 'generation'"))
                #expect(try await put("no json", admin).status == 400)
                let read = try JSONDecoder().decode(RouteTable.self, from: Data(try await admin.get("/table").body))
                #expect(read == table)
                let client = try await TestClient.connect(port: router.trafficPort)
                #expect(try await client.get("/").text == "one")
                try await router.quiet("a")
                let measures = try await admin.get("/measures")
                let decoded = try JSONDecoder().decode(TrafficMeasures.self, from: Data(measures.body))
                #expect(await router.measures().services == decoded.services && decoded.since == nil)
                let again = try await admin.get("/measures?epoch=\(decoded.epoch)&since=\(decoded.reading ?? 0)")
                let changed = try JSONDecoder().decode(TrafficMeasures.self, from: Data(again.body))
                #expect(changed.services.isEmpty && changed.since == decoded.reading)
                try await eventually("the table on disk") { try await self.status(admin).tablePersisted }
                let status = try await status(admin)
                #expect(status.generation == 3 && status.trafficPort == router.trafficPort)
                #expect(status.pid == ProcessInfo.processInfo.processIdentifier && status.epoch == router.epoch)
                let metrics = try await admin.get("/metrics").text
                let labels = "service=\"shop\",release=\"aaaaaaaaaaaa\""
                #expect(metrics.contains("nonevent_router_requests_total{\(labels),class=\"2xx\"} 1\n"))
                #expect(metrics.contains("_bucket{\(labels),le=\"+Inf\"} 1\n"))
                #expect(try await admin.get("/nowhere").status == 404)
                try await admin.send("PUT /table HTTP/1.1\r\nHost: r\r\nContent-Length: 17000000\r\n\r\n")
                try? await admin.send(String(repeating: " ", count: 17_000_000))
                #expect(try await admin.response().status == 413)
                await client.close()
            }
            #expect(!FileManager.default.fileExists(atPath: socket))
        }
        await instance.stop()
    }

    private func patch(_ body: String, ifMatch: String?, _ client: TestClient) async throws -> TestClient.Response {
        let match = ifMatch.map { "If-Match: \($0)\r\n" } ?? ""
        try await client.send(
            "PATCH /table HTTP/1.1\r\nHost: r\r\n\(match)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        return try await client.response()
    }

    @Test func aChangeIsMadeOfTheTableThatTheClientKnows() async throws {
        let (one, two) = (try await TestInstance.start("one"), try await TestInstance.start("two"))
        try await withDirectory { directory in
            let socket = directory + "/admin.sock"
            try await withRouter(try Sample.table(3, [Sample.release("a", share: 10_000, [one])]), admin: socket) {
                router in
                let admin = try await TestClient.connect(unix: socket)
                let tag = try #require(try await admin.get("/table")["etag"])
                let table = try Sample.table(4, [Sample.release("b", share: 10_000, [two])])
                let change = try #require(RouteTableChange(from: router.currentTable(), to: table))
                let body = String(decoding: try JSONEncoder().encode(change), as: UTF8.self)
                #expect(try await patch(body, ifMatch: nil, admin).status == 428)
                #expect(try await patch(body, ifMatch: "\"other.3\"", admin).status == 412)
                #expect(try await patch("{\"generation\":\"x\"}", ifMatch: tag, admin).status == 400)
                #expect(try await patch("{\"generation\":3}", ifMatch: tag, admin).status == 409)
                let twice = RouteTableChange(generation: 4, services: change.services + change.services)
                let wrong = try await patch(
                    String(decoding: try JSONEncoder().encode(twice), as: UTF8.self), ifMatch: tag, admin)
                #expect(wrong.status == 400 && wrong.text.contains("stands in the table twice"))
                #expect(router.currentTable().generation == 3, "refused whole")
                let client = try await TestClient.connect(port: router.trafficPort)
                #expect(try await client.get("/").text == "one")
                let accepted = try await patch(body, ifMatch: tag, admin)
                #expect(accepted.status == 200 && accepted.text == "{\"generation\":4}\n")
                #expect(router.currentTable() == table)
                #expect(try await client.get("/").text == "two")
                #expect(try await patch(body, ifMatch: tag, admin).status == 412, "the table is another one now")
                #expect(accepted["etag"] == (try await admin.get("/table")["etag"]))
                let other = await #expect(throws: RouterError.self) {
                    try await router.apply(try Sample.table(5, []), onto: 3)
                }
                #expect(other?.code == .otherBase)
                await client.close()
                await admin.close()
            }
        }
        await one.stop()
        await two.stop()
    }

    private func status(_ admin: TestClient) async throws -> RouterStatus {
        try JSONDecoder().decode(RouterStatus.self, from: Data(try await admin.get("/status").body))
    }

    @Test func theTableSurvivesARestart() async throws {
        let instance = try await TestInstance.start("one")
        try await withDirectory { directory in
            let file = directory + "/table.json"
            let table = try Sample.table(7, [try Sample.release("a", share: 10_000, [instance])])
            try await withRouter(nil, file: file) { router in try await router.apply(table) }
            try await withRouter(nil, file: file) { router in
                let client = try await TestClient.connect(port: router.trafficPort)
                #expect(try await client.get("/").text == "one")
                #expect(await router.measures().generation == 7)
                await client.close()
            }
        }
        await instance.stop()
    }

    @Test(arguments: ["{\"generation\":", "{\"generation\":1,\"services\":[{\"name\":\"x\"}]}", ""])
    func aCorruptedTableIsSetAside(content: String) async throws {
        try await withDirectory { directory in
            let file = directory + "/table.json"
            try Data(content.utf8).write(to: URL(filePath: file))
            try await withRouter(nil, file: file) { router in
                let client = try await TestClient.connect(port: router.trafficPort)
                #expect(try await client.get("/").status == 503)
                await client.close()
            }
            #expect(try Data(contentsOf: URL(filePath: file + ".corrupt")) == Data(content.utf8))
            #expect(!FileManager.default.fileExists(atPath: file))
        }
    }

    @Test func aDiskThatRefusesDoesNotStopTheSwap() async throws {
        try await withDirectory { directory in
            let (socket, file) = (directory + "/a.sock", directory + "/late/table.json")
            var limits = RouterLimits()
            limits.tableFileRetry = .milliseconds(5)...TimeAmount.milliseconds(10)
            try await withRouter(nil, admin: socket, file: file, limits: limits) { router in
                try await router.apply(RouteTable(generation: 4))
                #expect(await router.measures().generation == 4)
                let admin = try await TestClient.connect(unix: socket)
                try await eventually("the failure to be reported") {
                    let status = try await self.status(admin)
                    return status.tableFileFailure?.contains("cannot create") == true && !status.tablePersisted
                }
                try FileManager.default.createDirectory(atPath: directory + "/late", withIntermediateDirectories: true)
                try await eventually("the table on disk") { try await self.status(admin).tablePersisted }
                await admin.close()
            }
        }
    }

    @Test func oneSocketOneRouter() async throws {
        try await withDirectory { directory in
            let socket = directory + "/a.sock"
            try await withRouter(nil, admin: socket) { _ in
                let second = Router(
                    configuration: RouterConfiguration(listenHost: "127.0.0.1", listenPort: 0, adminSocketPath: socket))
                let error = await #expect(throws: RouterError.self) { try await second.start() }
                #expect(error?.code == .addressInUse)
                let admin = try await TestClient.connect(unix: socket)
                #expect(try await admin.get("/status").status == 200)
                await admin.close()
            }
            // What a killed router leaves behind is no obstacle.
            let stale = try AdminSocket(path: socket)
            close(stale.descriptor)
            stale.lock.release()
            #expect(FileManager.default.fileExists(atPath: socket))
            try await withRouter(nil, admin: socket) { _ in
                let admin = try await TestClient.connect(unix: socket)
                #expect(try await admin.get("/status").status == 200)
                await admin.close()
            }
        }
    }
}
