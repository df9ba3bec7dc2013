import Testing

@testable import TrafficRouter

struct HealthDialogueTests {
    @Test(
        arguments: [
            (199, nil), (200, true), (204, true), (299, true), (302, false), (404, false), (503, false), (101, false),
        ]
            as [(Int, Bool?)])
    func statusesOfHTTP1(status: Int, isWell: Bool?) {
        var dialogue = HealthDialogue.http1(path: "/", host: "h", port: 1)
        let verdict = dialogue.read("HTTP/1.1 \(status) x\r\n".utf8)
        #expect(verdict == isWell)
    }

    @Test func anAnswerMayComeInPieces() {
        var dialogue = HealthDialogue.http1(path: "/", host: "h", port: 1)
        let verdicts = ["HTTP/1.1 2", "00 OK\r", "\n"].map { dialogue.read($0.utf8) }
        #expect(verdicts == [nil, nil, true])
    }

    @Test(
        arguments: [
            ([0, 0, 0, 4, 0, 0, 0, 0, 0], true), ([0, 0, 18, 4, 0, 0, 0, 0, 0, 0, 3], true),
            ([0, 0, 0, 4, 0, 0x80, 0, 0, 0], true), ([0, 0, 0, 4, 1, 0, 0, 0, 0], false),
            ([0, 0, 0, 6, 0, 0, 0, 0, 0], false), ([0, 0, 7, 4, 0, 0, 0, 0, 0], false),
            ([0, 0, 0, 4, 0, 0, 0, 0, 1], false), ([1, 0, 2, 4, 0, 0, 0, 0, 0], false),
            (Array("HTTP/1.1 400 Bad Request\r\n".utf8), false), ([0, 0, 0, 4, 0, 0, 0, 0], nil), ([], nil),
        ] as [([UInt8], Bool?)])
    func firstFramesOfHTTP2(bytes: [UInt8], isWell: Bool?) {
        var dialogue = HealthDialogue.http2()
        let verdict = dialogue.read(bytes)
        #expect(verdict == isWell)
        var slow = HealthDialogue.http2()
        var last: Bool?
        for byte in bytes { last = slow.read(CollectionOfOne(byte)) }
        #expect(last == isWell, "byte by byte")
    }

    @Test func theClientsPreface() {
        #expect(HealthDialogue.http2().request.count == 33)
        #expect(HealthDialogue.http2().request.starts(with: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
    }
}
