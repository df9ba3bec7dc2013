/// What was read of a service file, each value already checked against the table of keys.
indirect enum ServiceFileTree {
    case mapping([String: ServiceFileTree])
    case list([ServiceFileTree])
    case text(String)
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case duration(Duration)
    case share(Share)

    /// The value under a dotted path; `nil` where the file says nothing.
    subscript(path: String) -> ServiceFileTree? {
        var here = self
        for part in path.split(separator: ".") {
            guard case .mapping(let values) = here, let next = values[String(part)] else { return nil }
            here = next
        }
        return here
    }

    func text(_ path: String) -> String? {
        guard case .text(let value) = self[path] else { return nil }
        return value
    }

    func flag(_ path: String) -> Bool? {
        guard case .flag(let value) = self[path] else { return nil }
        return value
    }

    func integer(_ path: String) -> Int? {
        guard case .integer(let value) = self[path] else { return nil }
        return value
    }

    func number(_ path: String) -> Double? {
        guard case .number(let value) = self[path] else { return nil }
        return value
    }

    func duration(_ path: String) -> Duration? {
        guard case .duration(let value) = self[path] else { return nil }
        return value
    }

    func share(_ path: String) -> Share? {
        guard case .share(let value) = self[path] else { return nil }
        return value
    }

    func entries(_ path: String) -> [ServiceFileTree]? {
        guard case .list(let value) = self[path] else { return nil }
        return value
    }

    func texts(_ path: String) -> [String]? {
        entries(path)?.compactMap { entry in
            guard case .text(let value) = entry else { return nil }
            return value
        }
    }

    func mapping(_ path: String) -> [String: ServiceFileTree]? {
        guard case .mapping(let value) = self[path] else { return nil }
        return value
    }
}
