"""Where the router's processor time goes under a workload: perf samples its process, the top symbols are printed."""

import os
import shutil
import subprocess
import threading

import ours
import rig
import workloads

FREQUENCY = 997
MOST_SYMBOLS = 45
CALLERS_OF = 12


def event():
    """Cycles where the machine counts them; many virtual ones do not, and there a clock must do."""
    probe = subprocess.run(["perf", "stat", "-e", "cycles", "true"], capture_output=True, text=True)
    return "cycles" if probe.returncode == 0 and "not supported" not in probe.stderr else "cpu-clock"


def profile(name, place, instances, certificate, seconds):
    workload = next(workload for workload in workloads.WORKLOADS if workload.name == name)
    router = ours.Nonevent(place, (instances.one, instances.two), certificate)
    if workload.tls and router.tls_port is None:
        raise rig.Failed("this binary's router does not offer TLS")
    folder, kind = place.folder("profile"), event()
    # The load outlasts the recording at both ends.
    answers = []
    load = threading.Thread(
        target=lambda: answers.append(workloads.run(router, workload, seconds + 2, folder, instances)), daemon=True)
    load.start()
    threading.Event().wait(1)
    data = folder / "perf.data"
    done = subprocess.run(["perf", "record", "-q", "-g", "-e", kind, "-F", str(FREQUENCY), "-p",
                           str(router.program.child.pid), "-o", data, "--", "sleep", str(seconds)],
                          capture_output=True, text=True)
    load.join()
    if done.returncode != 0:
        raise rig.Failed(f"perf record is not supported here: {done.stderr.strip()}")
    if not answers:
        raise rig.Failed("the load failed, so there is nothing to profile")
    one = answers[0]
    print(f"{workload.title}: {one.rate:.0f}/s, {one.cpu:.1f} us of processor time a request, core {one.busy:.0%}"
          f"{'; FAILED: ' + one.failure if one.failure else ''}; sampled by {kind} for {seconds} s\n")
    show("Own time by symbol", MOST_SYMBOLS, report(data, "--no-children", "-g", "none", "--sort", "sym,dso"))
    show("By part: kernel, binary, libraries", 10, report(data, "--no-children", "-g", "none", "--sort", "dso"))
    show("With what they call", MOST_SYMBOLS, report(data, "--children", "-g", "none", "--sort", "sym"))
    show("Callers of the costliest", CALLERS_OF * 12,
         report(data, "--no-children", "-g", "caller,0.5,callee,function,percent", "--max-stack", "12", "--sort", "sym",
                "--percent-limit", "2"))
    router.stop()
    return 0


def report(data, *options):
    """Names as in the sources, where Swift's own tool is there to read them."""
    done = subprocess.run(["perf", "report", "--stdio", "-i", data, *options], capture_output=True, text=True)
    tool = shutil.which("swift-demangle") or shutil.which("swift-demangle", path="/opt/swift/usr/bin")
    if not tool:
        return done.stdout
    return subprocess.run([tool, "--compact", "--simplified"], input=done.stdout, capture_output=True,
                          text=True, env=os.environ).stdout


def show(title, most, text):
    lines = [line.rstrip()[:160] for line in text.splitlines() if line.strip() and not line.startswith("#")]
    print(f"== {title}")
    print("\n".join(lines[:most]) + "\n")
