import Glibc

enum Sine {
    /// From -1 to 1, once around in 1.
    static func ofDay(_ days: Double) -> Double { sin(2 * .pi * days) }
}
