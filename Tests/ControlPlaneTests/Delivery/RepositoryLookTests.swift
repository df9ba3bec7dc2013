import DeliveryModel
import Testing

@testable import ControlPlane

/// Which services a change concerns.
@Suite struct RepositoryLookTests {
    @Test(
        arguments: [
            ("nonevent.yaml", [], ["README.md"], true),
            ("nonevent.yaml", [], [], false),
            ("shop/nonevent.yaml", [], ["shop/server.py"], true),
            ("shop/nonevent.yaml", [], ["shopping/server.py", "README.md"], false),
            ("shop/nonevent.yaml", ["shop/", "lib/**/*.py"], ["lib/deep/down/x.py"], true),
            ("shop/nonevent.yaml", ["lib/**/*.py"], ["lib/x.c", "shop/server.py"], false),
            // A change of the service file itself always counts.
            ("shop/nonevent.yaml", ["lib/"], ["shop/nonevent.yaml"], true),
        ] as [(String, [String], [String], Bool)])
    func isChanged(file: String, patterns: [String], paths: [String], expected: Bool) {
        #expect(RepositoryLook.isChanged(file, DeploySpecification(paths: patterns), paths) == expected)
    }

    @Test func withoutAnEarlierCommitEverythingIsNew() {
        #expect(RepositoryLook.isChanged("shop/nonevent.yaml", DeploySpecification(paths: ["lib/"]), nil))
    }

    @Test func wishesAddUp() {
        var wish = LookWish(branches: ["a"], actor: "ann")
        wish.add(LookWish(branches: ["b"], actor: "bea"))
        #expect(wish == LookWish(branches: ["a", "b"], actor: "bea"))
        wish.add(LookWish(branches: nil, actor: "poll"))
        #expect(wish.branches == nil)
        wish.add(LookWish(branches: ["a"], actor: "ann"))
        #expect(wish.branches == nil)
    }
}
