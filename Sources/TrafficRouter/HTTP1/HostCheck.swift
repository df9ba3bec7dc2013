/// Whom a request is for (RFC 9112, sections 3.2 and 3.3).
enum HostCheck {
    /// The host without its port, of the target or else of the Host field; empty if there is neither.
    ///
    /// - Throws: if the Host field is missing in HTTP/1.1, is malformed, or contradicts the target. A proxy could
    ///   ignore it beside an absolute target, but the instance behind may not.
    @inline(__always)
    static func hostName(
        _ input: Span<UInt8>, _ line: RequestLine, _ section: FieldSection
    ) throws(HeadFlaw) -> Range<Int> {
        guard section.has(.host) else {
            guard line.isHTTP10 else { throw HeadFlaw(.hostMissing) }
            return line.target.authorityParts?.host ?? 0..<0
        }
        let field: Authority
        do throws(Authority.Flaw) {
            field = try Authority.parse(input, section.host)
        } catch {
            switch error {
            case .empty: throw HeadFlaw(section.host.isEmpty ? .hostEmpty : .hostMalformed)
            case .userInformation: throw HeadFlaw(.hostUserInformation)
            case .malformed: throw HeadFlaw(.hostMalformed)
            case .port: throw HeadFlaw(.hostPort)
            }
        }
        guard let target = line.target.authorityParts else { return field.host }
        let standard = line.target.defaultPort
        guard (target.port ?? standard) == (field.port ?? standard), isEqual(input, target.host, field.host) else {
            throw HeadFlaw(.hostContradictsTarget)
        }
        return target.host
    }

    private static func isEqual(_ input: Span<UInt8>, _ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count else { return false }
        for index in 0..<left.count
        where input[left.lowerBound + index].lowercased != input[right.lowerBound + index].lowercased {
            return false
        }
        return true
    }
}
