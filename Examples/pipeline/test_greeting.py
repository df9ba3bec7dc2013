"""Unit tests; with `--report FILE` it writes a report in JUnit's form."""

import sys
import time
import unittest
from xml.sax.saxutils import quoteattr

from greeting import greeting


class GreetingTests(unittest.TestCase):
    def test_world(self):
        self.assertEqual(greeting("Hello, NAME!", ""), "Hello, world!\n")

    def test_name(self):
        self.assertEqual(greeting("Hello, NAME!", "Ann"), "Hello, Ann!\n")


class Result(unittest.TextTestResult):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.lines = []

    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def note(self, test, inner=""):
        took = time.monotonic() - self.began
        name = quoteattr(test.id().rpartition(".")[2])
        self.lines.append(f'<testcase classname="GreetingTests" name={name} time="{took:.3f}">{inner}</testcase>')

    def addSuccess(self, test):
        super().addSuccess(test)
        self.note(test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.note(test, f"<failure message={quoteattr(str(error[1]))}/>")

    def addError(self, test, error):
        super().addError(test, error)
        self.note(test, f"<error message={quoteattr(str(error[1]))}/>")


suite = unittest.defaultTestLoader.loadTestsFromTestCase(GreetingTests)
result = unittest.TextTestRunner(resultclass=Result, stream=sys.stdout).run(suite)
if "--report" in sys.argv:
    with open(sys.argv[sys.argv.index("--report") + 1], "w", encoding="utf-8") as file:
        file.write("<testsuite>" + "".join(result.lines) + "</testsuite>\n")
sys.exit(0 if result.wasSuccessful() else 1)
