// By hand, since every part may be left out, and a share is a fraction there.

extension JudgeTick: Codable {
    private enum CodingKeys: String, CodingKey {
        case t, candidate, baseline, share, counts, gauges, failures, phi, phiSource
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        t = try values.decode(Double.self, forKey: .t)
        candidate = try values.decodeIfPresent(ArmCounts.self, forKey: .candidate)
        baseline = try values.decodeIfPresent(ArmCounts.self, forKey: .baseline)
        share = try values.decodeIfPresent(Double.self, forKey: .share).map { fraction in
            guard let share = Share(fraction: fraction) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .share, in: values, debugDescription: "expected a share from 0 to 1, found \(fraction)")
            }
            return share
        }
        counts = try values.decodeIfPresent([String: BusinessCounts].self, forKey: .counts) ?? [:]
        gauges = try values.decodeIfPresent([String: GaugeSamples].self, forKey: .gauges) ?? [:]
        failures = try values.decodeIfPresent([String: String].self, forKey: .failures) ?? [:]
        phi = try values.decodeIfPresent(Double.self, forKey: .phi)
        phiSource = (try? values.decodeIfPresent(DispersionSource.self, forKey: .phiSource)) ?? nil
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(t, forKey: .t)
        try values.encodeIfPresent(candidate, forKey: .candidate)
        try values.encodeIfPresent(baseline, forKey: .baseline)
        try values.encodeIfPresent(share?.fraction, forKey: .share)
        if !counts.isEmpty { try values.encode(counts, forKey: .counts) }
        if !gauges.isEmpty { try values.encode(gauges, forKey: .gauges) }
        if !failures.isEmpty { try values.encode(failures, forKey: .failures) }
        try values.encodeIfPresent(phi, forKey: .phi)
        try values.encodeIfPresent(phiSource, forKey: .phiSource)
    }
}

extension ArmCounts: Codable {
    private enum CodingKeys: String, CodingKey { case requests, bad, latency }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        requests = try values.decodeIfPresent(Double.self, forKey: .requests) ?? 0
        bad = try values.decodeIfPresent(Double.self, forKey: .bad) ?? 0
        latency = try values.decodeIfPresent([Int: Double].self, forKey: .latency) ?? [:]
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(requests, forKey: .requests)
        try values.encode(bad, forKey: .bad)
        if !latency.isEmpty { try values.encode(latency, forKey: .latency) }
    }
}

extension BusinessCounts: Codable {
    private enum CodingKeys: String, CodingKey { case candidate, baseline, share }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        candidate = try values.decodeIfPresent(Double.self, forKey: .candidate) ?? 0
        baseline = try values.decodeIfPresent(Double.self, forKey: .baseline) ?? 0
        share = try values.decodeIfPresent(Double.self, forKey: .share)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(candidate, forKey: .candidate)
        try values.encode(baseline, forKey: .baseline)
        try values.encodeIfPresent(share, forKey: .share)
    }
}

extension GaugeSamples: Codable {
    private enum CodingKeys: String, CodingKey { case candidate, baseline }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        candidate = try values.decodeIfPresent([Double].self, forKey: .candidate) ?? []
        baseline = try values.decodeIfPresent([Double].self, forKey: .baseline) ?? []
    }
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(candidate, forKey: .candidate)
        try values.encode(baseline, forKey: .baseline)
    }
}
