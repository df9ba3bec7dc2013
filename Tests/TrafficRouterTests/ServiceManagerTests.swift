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
}
