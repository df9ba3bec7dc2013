import Glibc
import Testing

@testable import TrafficRouter

/// What a router makes of the environment that a service manager gives it. Descriptors that are really handed over are
/// tested end to end: here 3 and 4 belong to the test's own process.
@Suite struct ServiceManagerTests {
    @Test func withoutAManagerThereIsNone() {
        #expect(ServiceManager(environment: [:], process: 7) == nil)
        #expect(ServiceManager(environment: ["NOTIFY_SOCKET": "", "LISTEN_FDS": "x"], process: 7) == nil)
        #expect(ServiceManager(environment: ["LISTEN_FDS": "0"], process: 7) == nil)
    }

    @Test(arguments: ["65", "-1", "99999999999", "1 ", ""])
    func aNumberOfSocketsThatCannotBeIsIgnored(count: String) {
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": "/nowhere", "LISTEN_FDS": count], process: 7)
        #expect(manager?.inherited.isEmpty == true)
    }

    @Test func socketsForAnotherProcessAreLeftAlone() {
        let environment = ["LISTEN_FDS": "1", "LISTEN_FDNAMES": "traffic", "LISTEN_PID": "8"]
        #expect(ServiceManager(environment: environment, process: 7) == nil)
    }

    @Test func aManagerThatDoesNotListenIsToldOf() {
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": "/nowhere/notify"], process: 7)
        #expect(manager?.keep([:])?.contains("/nowhere/notify") == true)
        manager?.forget()
    }

    /// systemd's word for a name without a file: `@` in the variable, a zero byte in the address.
    @Test func aManagerMayListenAtANameWithoutAFile() throws {
        let name = "nonevent-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let receiver = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
        defer { close(receiver) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: [0] + Array(name.utf8)) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(receiver, $0, length) }
        }
        try #require(bound == 0)
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": "@" + name], process: 7)
        #expect(manager?.keep([:]) == nil)
        var words: [String] = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while case let count = recv(receiver, &buffer, buffer.count, CInt(MSG_DONTWAIT)), count > 0 {
            words.append(String(decoding: buffer[..<count], as: UTF8.self))
        }
        #expect(words.last == "READY=1" && words.count == 3, "\(words)")
    }
}
