import Glibc

extension SplitMix64 {
    /// Standard normal: mean 0, standard deviation 1 (Box and Muller).
    public mutating func normal() -> Double {
        let radius = (-2 * log(1 - unit())).squareRoot()
        return radius * cos(2 * .pi * unit())
    }

    /// Time until the next of events that come at `rate` a unit of time; infinity for a rate of 0 or less.
    public mutating func exponential(rate: Double) -> Double {
        rate > 0 ? -log(1 - unit()) / rate : .infinity
    }

    /// Number of independent events of which `mean` are expected: a whole number, 0 for a mean of 0 or less.
    ///
    /// Multiplication of uniform numbers for means below 10 (Knuth); transformed rejection up to 1e8 (Hörmann, "The
    /// transformed rejection method for generating Poisson random variables", 1993: PTRS); the normal approximation
    /// above, whose error is there below a ten-thousandth of a standard deviation.
    public mutating func poisson(_ mean: Double) -> Double {
        guard mean > 0 else { return 0 }
        if mean < 10 { return smallPoisson(mean) }
        guard mean < 1e8 else { return max(0, (mean + mean.squareRoot() * normal()).rounded()) }
        return rejectedPoisson(mean)
    }

    private mutating func smallPoisson(_ mean: Double) -> Double {
        let limit = exp(-mean)
        var product = unit()
        var count = 0.0
        while product > limit {
            product *= unit()
            count += 1
        }
        return count
    }

    private mutating func rejectedPoisson(_ mean: Double) -> Double {
        let b = 0.931 + 2.53 * mean.squareRoot()
        let a = -0.059 + 0.02483 * b
        let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
        let quick = 0.9277 - 3.6224 / (b - 2)
        let logMean = log(mean)
        while true {
            let u = unit() - 0.5
            let v = 1 - unit()
            let distance = 0.5 - abs(u)
            let count = ((2 * a / distance + b) * u + mean + 0.43).rounded(.down)
            if distance >= 0.07, v <= quick { return count }
            if count < 0 || (distance < 0.013 && v > distance) { continue }
            let accepted = log(v) + log(inverseAlpha) - log(a / (distance * distance) + b)
            if accepted <= count * logMean - mean - Self.logFactorial(count) { return count }
        }
    }

    /// `ln k!` by Stirling's series from 10 on (error below 1e-10), by multiplication before.
    static func logFactorial(_ k: Double) -> Double {
        guard k >= 10 else {
            return log(stride(from: 2.0, through: max(2, k), by: 1).reduce(1) { $1 <= k ? $0 * $1 : $0 })
        }
        let z = k + 1
        let series = (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / (z * z)) / (z * z)) / z
        return (z - 0.5) * log(z) - z + 0.5 * log(2 * .pi) + series
    }
}
