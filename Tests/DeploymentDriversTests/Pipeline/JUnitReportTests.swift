import DeliveryModel
import Testing

@testable import DeploymentDrivers

@Suite struct JUnitReportTests {
    @Test func testsAreCountedAndNamed() throws {
        let report = try read(
            """
            \u{feff}<?xml version="1.0" encoding="UTF-8"?>
            <!-- made by a tool -->
            <testsuites tests="5">
              <testsuite name="shop &amp; co" time="3.0">
                <properties><property name="a" value="b"/></properties>
                <testcase name="pays" classname="Shop" time="1.25"/>
                <testcase name="refunds &lt;all&gt;" time="1,000.5">
                  <failure message="expected 1 &#x41;&#66; &quot;x&quot;" type="AssertionError">trace</failure>
                  <system-out>noise</system-out>
                </testcase>
                <testcase name='breaks' time="x"><error><![CDATA[  boom <&> ]]></error></testcase>
                <testcase name="later"><skipped/></testcase>
                <testsuite name="inner"><testcase name="deep"></testcase></testsuite>
              </testsuite>
            </testsuites>
            """)
        #expect(report.total == 5)
        #expect([report.passed, report.failed, report.errors, report.skipped] == [2, 1, 1, 1])
        #expect(report.duration == .seconds(1001.75))
        #expect(
            report.cases == [
                .init(suite: "Shop", name: "pays", outcome: .passed, duration: .seconds(1.25)),
                .init(
                    suite: "shop & co", name: "refunds <all>", outcome: .failed, duration: .seconds(1000.5),
                    message: "expected 1 AB \"x\""),
                .init(suite: "shop & co", name: "breaks", outcome: .error, message: "boom <&> "),
                .init(suite: "shop & co", name: "later", outcome: .skipped),
                .init(suite: "inner", name: "deep", outcome: .passed),
            ])
    }

    @Test(arguments: [
        ("", "no element at all"),
        ("<testsuite>", "</testsuite> is expected"),
        ("<testsuite></testsuites>", "line 1: </testsuites>, where </testsuite> is expected"),
        ("<html></html>", "<testsuites> or <testsuite> is expected"),
        ("<testsuite/><testsuite/>", "a second root element"),
        ("<testsuite/>x", "text outside"),
        ("<!DOCTYPE x [<!ENTITY a \"aaaa\">]><testsuite/>", "a document type is not allowed"),
        ("<testsuite>&a;</testsuite>", "unknown entity &a;"),
        ("<testsuite>& b</testsuite>", "'&' without"),
        ("<testsuite a=\"1\" a=\"2\"/>", "a twice"),
        ("<testsuite a=1/>", "no quoted value for a"),
        ("<testsuite a=\"<\"/>", "'<' in the value of a"),
        ("<testsuite\n\n\na", "line 4:"),
        ("<testsuite><![CDATA[ </testsuite>", "a CDATA section without an end"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><testsuite/>", "the encoding iso-8859-1"),
        ("<testsuite><1/></testsuite>", "'1' for a name"),
        (String(repeating: "<testsuite>", count: 65), "nested deeper than 64"),
    ])
    func whatIsNoReportIsToldWhere(_ text: String, _ expected: String) {
        var sum = JUnitReport()
        do throws(XMLScanner.Mistake) {
            try sum.add(Array(text.utf8))
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.description.contains(expected), "\(error)")
        }
        #expect(sum.report == TestReport())
    }

    @Test func everyCutAndEveryChangedByteIsSurvived() {
        let text =
            Array(
                "<?xml version='1.0'?><testsuites><!--c--><testsuite name='s'><testcase name=\"a&amp;b\" time='1'>".utf8
            )
            + Array("<failure><![CDATA[x]]>&#65;</failure></testcase></testsuite></testsuites>".utf8)
        for at in text.indices {
            var sum = JUnitReport()
            #expect(throws: XMLScanner.Mistake.self) { try sum.add(Array(text[..<at])) }
            for byte in [0, 0x3c, 0x3e, 0x26, 0x22, 0xff] as [UInt8] {
                var changed = text
                changed[at] = byte
                var other = JUnitReport()
                try? other.add(changed)
                #expect(other.report.total <= 1)
            }
        }
    }

    @Test func failuresAreKeptBeforeOthers() throws {
        var text = "<testsuite>"
        for number in 0..<(JUnitReport.caseLimit + 10) { text += "<testcase name='\(number)'/>" }
        text +=
            "<testcase name='bad'><failure message='\(String(repeating: "m", count: 9000))'/></testcase></testsuite>"
        let report = try read(text)
        #expect(report.passed == JUnitReport.caseLimit + 10 && report.failed == 1)
        #expect(report.cases.count == JUnitReport.caseLimit)
        #expect(report.cases.last?.name == "bad" && report.cases.last?.message.count == 500)
    }

    private func read(_ text: String) throws -> TestReport {
        var sum = JUnitReport()
        try sum.add(Array(text.utf8))
        return sum.report
    }
}
