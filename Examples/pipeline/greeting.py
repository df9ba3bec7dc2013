"""What the service says."""


def greeting(text, name):
    return text.strip().replace("NAME", name or "world") + "\n"
