import Testing

@testable import DeploymentDrivers

@Suite struct OutputMaskTests {
    /// Every way to cut the text in two, and byte by byte, must give the same.
    @Test(arguments: [
        (["hunter22"], "x hunter22 y", "x *** y"),
        (["hunter22"], "hunter2", "hunter2"),
        (["hunter22"], "hunterhunter22", "hunter***"),
        (["aaab"], "aaaaab", "aa***"),
        (["abcd", "abcdefgh"], "abcdefgh abcdefg", "*** ***efg"),
        (["abcdefgh", "cdef"], "abcdefg", "ab***g"),
        (["one line\nsecond line"], "a one line\nsecond line b", "a *** b"),
        (["one line\nsecond line"], "1: one line\n2: second line", "1: ***\n2: ***"),
        (["one line\nsecond line"], "one line\r\nsecond line", "***"),
        (["-- begin --\n  indented\n"], "[indented]", "[***]"),
        (["abc"], "abc", "abc"),
        (["pässwörd"], "ä pässwörd ö", "ä *** ö"),
    ])
    func secretsAreMaskedHoweverTheOutputIsCut(_ secrets: [String], _ text: String, _ expected: String) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var mask = OutputMask(secrets.map { Array($0.utf8) })
            let shown = mask.take(bytes[..<cut]) + mask.take(bytes[cut...]) + mask.flush()
            #expect(String(decoding: shown, as: UTF8.self) == expected, "cut at \(cut)")
        }
        var mask = OutputMask(secrets.map { Array($0.utf8) })
        var shown: [UInt8] = []
        for index in bytes.indices { shown += mask.take(bytes[index...index]) }
        shown += mask.flush()
        #expect(String(decoding: shown, as: UTF8.self) == expected)
        #expect(mask.masked(text) == expected)
    }

    @Test func onlyAPossibleBeginningIsHeldBack() {
        var mask = OutputMask([Array("hunter22".utf8)])
        #expect(String(decoding: mask.take(Array("ready\nhu".utf8)[...]), as: UTF8.self) == "ready\n")
        #expect(String(decoding: mask.take(Array("man".utf8)[...]), as: UTF8.self) == "human")
    }
}
