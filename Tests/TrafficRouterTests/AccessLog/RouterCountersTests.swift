import DeliveryModel
import Testing

@testable import TrafficRouter

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite struct RouterCountersTests {
    static func counters() throws -> RouterCounters {
        var counters = RouterCounters()
        let (shop, cart) = (try #require(ServiceName("shop")), try #require(ServiceName("cart")))
        let (old, new) = (try MirrorSample.digest("a"), try MirrorSample.digest("b"))
        counters.flaws = ["bareLineFeed": 3, "bothLengths": 1]
        counters.limits = ["headBytes": 2]
        counters.connections.accepted = 10
        counters.connections.open = 4
        counters.connections.refused = ["tooMany": 1]
        counters.connections.handshakes = ["TLSv1.3": 5]
        counters.streams.opened = 7
        counters.streams.reset = ["rapidReset": 2]
        counters.accessLog = AccessLogCounters(logged: 100, dropped: 2)
        counters.holds[shop] = HoldCounters(held: 3, resumed: 2, refused: ["timeout": 1], waiting: 1, isHeld: 1)
        var release = ReleaseCounters()
        release.rescues = RescueCounters(attempted: ["5xx": 4], answered: 3, failed: 1, skipped: ["method": 2])
        release.mirrors = MirrorCounters(
            mirrored: 9, compared: 8, equal: 7, dropped: ["queueFull": 5], failed: ["deadline": 1])
        release.health = HealthCounters(
            checks: ["passed": 20], ejected: ["outlier": 1], returned: 1, instances: 3, instancesOut: 1)
        counters.releases = [shop: [new: release, old: ReleaseCounters()], cart: [old: ReleaseCounters()]]
        return counters
    }

    @Test func mergingAddsCountsAndKeepsTheLargestGauge() throws {
        let one = try Self.counters()
        var sum = one
        sum.merge(one)
        #expect(sum.flaws == ["bareLineFeed": 6, "bothLengths": 2])
        #expect(sum.connections.accepted == 20 && sum.connections.open == 8)
        #expect(sum.streams.reset == ["rapidReset": 4] && sum.accessLog.dropped == 4)
        let shop = try #require(ServiceName("shop"))
        #expect(sum.holds[shop]?.waiting == 2 && sum.holds[shop]?.isHeld == 1)
        let release = try #require(sum.releases[shop]?[try MirrorSample.digest("b")])
        #expect(release.rescues.attempted == ["5xx": 8] && release.mirrors.dropped == ["queueFull": 10])
        #expect(release.health.instances == 3 && release.health.checks == ["passed": 40])
        var empty = RouterCounters()
        empty.merge(one)
        #expect(empty == one)
    }

    @Test func everyCountHasItsLine() throws {
        let lines = Set(PrometheusText.render(try Self.counters()).split(separator: "\n").map(String.init))
        for line in [
            "nonevent_router_flaws_total{flaw=\"bareLineFeed\"} 3",
            "nonevent_router_limits_reached_total{limit=\"headBytes\"} 2",
            "nonevent_router_connections_total 10", "nonevent_router_connections_open 4",
            "nonevent_router_tls_handshakes_total{version=\"TLSv1.3\"} 5",
            "nonevent_router_streams_reset_total{reason=\"rapidReset\"} 2",
            "nonevent_router_access_log_dropped_lines_total 2", "nonevent_router_service_held{service=\"shop\"} 1",
            "nonevent_router_held_requests_refused_total{service=\"shop\",reason=\"timeout\"} 1",
            "nonevent_router_rescues_total{service=\"shop\",release=\"bbbbbbbbbbbb\",cause=\"5xx\"} 4",
            "nonevent_router_rescues_answered_total{service=\"cart\",release=\"aaaaaaaaaaaa\"} 0",
            "nonevent_router_mirror_dropped_total{service=\"shop\",release=\"bbbbbbbbbbbb\",reason=\"queueFull\"} 5",
            "nonevent_router_instances_out{service=\"shop\",release=\"bbbbbbbbbbbb\"} 1",
        ] { #expect(lines.contains(line), "no line \(line)") }
    }

    @Test func theTextIsAlwaysTheSame() throws {
        let text = PrometheusText.render(try Self.counters())
        for _ in 0..<10 { #expect(PrometheusText.render(try Self.counters()) == text) }
    }

    @Test func noLabelEndsALine() throws {
        var counters = RouterCounters()
        counters.flaws = ["a\"} 1\nfake 2\\": 1]
        let text = PrometheusText.render(counters)
        #expect(text.contains(#"nonevent_router_flaws_total{flaw="a\"} 1\nfake 2\\"} 1"#))
        #expect(!text.contains("\nfake"))
    }

    @Test func promtoolFindsNothingWrong() throws {
        guard access("/usr/bin/promtool", X_OK) == 0 else { return }
        let measures = TrafficMeasures(
            epoch: "e", generation: 1,
            services: [try #require(ServiceName("shop")): [try MirrorSample.digest("a"): .init()]])
        for text in [PrometheusText.render(try Self.counters()), PrometheusText.render(RouterCounters())] {
            let pipe = try #require(popen("/usr/bin/promtool check metrics", "w"))
            fputs(PrometheusText.render(measures) + text, pipe)
            #expect(pclose(pipe) == 0)
        }
    }
}
