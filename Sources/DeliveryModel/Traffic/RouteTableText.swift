import FoundationEssentials

/// Writes route tables in JSON, one after another: of hundreds of services one or two are routed anew each time.
public struct RouteTableText: Sendable {
    private var services = RememberedJSON<ServiceName, RoutedService>()

    public init() {}

    /// - Returns: the same bytes as those of ``JSONEncoder/canonical``.
    public mutating func write(_ table: RouteTable) throws -> [UInt8] {
        var frame = table
        frame.services = []
        let text = Array(try JSONEncoder.canonical.encode(frame))
        // Quotes within strings are escaped: only the key itself looks like this.
        let key = Array("\"services\":".utf8)
        guard let place = text.firstRange(of: key + Array("[]".utf8)) else {
            return Array(try JSONEncoder.canonical.encode(table))
        }
        var result = Array(text[..<place.lowerBound])
        result += key
        try services.append(table.services, to: &result, key: \.name, value: \.self)
        result += text[place.upperBound...]
        return result
    }
}
