/// A text in which every scalar stands for one byte, U+0000 to U+00FF.
func latin(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

/// `text`, `count` times.
func repeating(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
