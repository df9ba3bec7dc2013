/// What makes one route table another: few services of hundreds are routed anew each time. Everything but the services
/// stays. JSON form as that of ``RouteTable``.
public struct RouteTableChange: Sendable, Equatable, Codable {
    /// Of the table that comes about.
    public var generation: UInt64
    /// Each takes the place of the one of its name; a new one stands before the first whose name is greater.
    public var services: [RoutedService]
    /// Services that leave; names that the table does not have change nothing.
    public var removed: [ServiceName]

    public init(generation: UInt64, services: [RoutedService] = [], removed: [ServiceName] = []) {
        self.generation = generation
        self.services = services
        self.removed = removed
    }

    /// Missing keys are no services.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            generation: try values.decode(UInt64.self, forKey: .generation),
            services: try values.value(.services, or: []), removed: try values.value(.removed, or: []))
    }

    /// - Returns: `nil` when more than services differs, or when the services of one of them are not in the order of
    ///   their names.
    public init?(from old: RouteTable, to new: RouteTable) {
        guard old.hasSameFrame(as: new), old.isOrdered, new.isOrdered else { return nil }
        self.init(generation: new.generation)
        var left = old.services[...]
        for service in new.services {
            while let first = left.first, first.name < service.name {
                removed.append(first.name)
                left = left.dropFirst()
            }
            let known = left.first?.name == service.name ? left.removeFirst() : nil
            if known != service { services.append(service) }
        }
        removed += left.map(\.name)
    }

    /// - Returns: the table that comes about; a name that stands in ``services`` twice stands in it twice.
    public func applied(to old: RouteTable) -> RouteTable {
        var new = old
        new.generation = generation
        let removed = Set(removed)
        if !removed.isEmpty { new.services.removeAll { removed.contains($0.name) } }
        var replaced = Set<ServiceName>()
        for service in services {
            if replaced.insert(service.name).inserted,
                let place = new.services.firstIndex(where: { $0.name == service.name })
            {
                new.services[place] = service
            } else {
                let place = new.services.firstIndex { $0.name > service.name } ?? new.services.endIndex
                new.services.insert(service, at: place)
            }
        }
        return new
    }
}

extension RouteTable {
    fileprivate func hasSameFrame(as other: RouteTable) -> Bool {
        certificates == other.certificates && trustedProxies == other.trustedProxies && limits == other.limits
            && accessLog == other.accessLog
    }

    /// Each name once, and rising.
    fileprivate var isOrdered: Bool { zip(services, services.dropFirst()).allSatisfy { $0.name < $1.name } }
}
