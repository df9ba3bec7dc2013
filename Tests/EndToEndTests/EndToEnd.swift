import Testing

/// The promises of the product, kept by the real binary with real processes. One after another: they measure time and
/// count processes.
@Suite(.serialized) enum EndToEnd {}
