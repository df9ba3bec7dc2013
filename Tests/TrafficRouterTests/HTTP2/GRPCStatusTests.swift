import Testing

@testable import TrafficRouter

/// Which gRPC answers count as failures of the server.
struct GRPCStatusTests {
    private func head(_ fields: [String]) throws -> ResponseHead {
        let head = ResponseHead()
        let text = (["HTTP/1.1 200 OK"] + fields + ["", ""]).joined(separator: "\r\n")
        try head.parse(Array(text.utf8).span, limits: HeadLimits(), answering: .post)
        return head
    }

    @Test("codes of the server's own failures are failures, those about the request are not")
    func codes() {
        let failures = (0...16).filter { GRPCStatus.isFailure(String($0).utf8) }
        #expect(failures == [2, 4, 12, 13, 14, 15])
    }

    @Test("what is no code counts as UNKNOWN", arguments: ["", "x", "-1", "1 4", "00000000000000000014"])
    func malformed(value: String) { #expect(GRPCStatus.isFailure(value.utf8)) }

    @Test(
        "content types of gRPC",
        arguments: [
            ("application/grpc", true), ("application/grpc+proto", true), ("Application/gRPC;x=y", true),
            ("application/grpc-web", false), ("application/grpc-web+proto", false), ("application/json", false),
            ("application/grp", false), ("", false),
        ])
    func types(type: String, isGRPC: Bool) { #expect(GRPCStatus.isGRPC(type.utf8) == isGRPC) }

    @Test("the status behind the body counts before one in the head; without any there is no failure yet")
    func places() throws {
        let plain = try head(["content-type: application/grpc"])
        let told = try head(["content-type: application/grpc", "grpc-status: 14"])
        let other = try head(["content-type: text/plain", "grpc-status: 14"])
        func trailer(_ value: String) -> [TrailerField] { [TrailerField(name: "grpc-status", value: value)] }
        #expect(!GRPCStatus.tellsFailure(plain, []))
        #expect(GRPCStatus.tellsFailure(plain, trailer("13")))
        #expect(!GRPCStatus.tellsFailure(plain, trailer("5")))
        #expect(GRPCStatus.tellsFailure(told, []))
        #expect(!GRPCStatus.tellsFailure(told, trailer("0")))
        #expect(!GRPCStatus.tellsFailure(other, trailer("14")))
    }
}
