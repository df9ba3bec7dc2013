import NIOSSL

/// Certificates of the tests' own, good until 2126; nobody trusts them.
enum TestCertificate {
    struct Pair: Sendable {
        /// The subject's common name, by which tests tell them apart.
        let name: String
        let certificate: String
        let key: String
    }

    /// For `shop.example` and `www.shop.example`.
    static let shop = Pair(
        name: "shop",
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBnzCCAUagAwIBAgIUIYti76Te3vkN9b911JpQ+uOAWEswCgYIKoZIzj0EAwIw
            DzENMAsGA1UEAwwEc2hvcDAgFw0yNjExMjExMjM3MjZaGA8yMTI2MTAyODEyMzcy
            NlowDzENMAsGA1UEAwwEc2hvcDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNkP
            FXA3cD1YW5N7nAsvAoK/bUDOKasEjkdcXRmm08DzUGNMcXt+tA9CNochlxe5XtNP
            y2K2k0E8Jgm+H1NmxvijfjB8MB0GA1UdDgQWBBTmy6QOLTWiTmRd8f0zGon/3PgS
            XzAfBgNVHSMEGDAWgBTmy6QOLTWiTmRd8f0zGon/3PgSXzAPBgNVHRMBAf8EBTAD
            AQH/MCkGA1UdEQQiMCCCDHNob3AuZXhhbXBsZYIQd3d3LnNob3AuZXhhbXBsZTAK
            BggqhkjOPQQDAgNHADBEAiAOQO1UF7SMW6EGwnasvVp0QwW4aMSTmlNx5NFPnKMw
            ZQIgZNcl7HlpModVbfhIYLWuu8Z1YjSv2gY4tYV9YIYrXtQ=
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTNpda3tBAgR1kFyX
            4m0ZQH7fVfWVhzCoWVTzP0eC+xqhRANCAATZDxVwN3A9WFuTe5wLLwKCv21Azimr
            BI5HXF0ZptPA81BjTHF7frQPQjaHIZcXuV7TT8titpNBPCYJvh9TZsb4
            -----END PRIVATE KEY-----
            """)

    /// For `*.wild.example`.
    static let wild = Pair(
        name: "wild",
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBkDCCATagAwIBAgIUYCqBffYwPkos5n6rhvl/4LhnlwkwCgYIKoZIzj0EAwIw
            DzENMAsGA1UEAwwEd2lsZDAgFw0yNjExMjExMjM3MjdaGA8yMTI2MTAyODEyMzcy
            N1owDzENMAsGA1UEAwwEd2lsZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEqw
            Ma6LwO361BGdF4Qxuiipy8c8aYUVBl82KcDKHlavHWtrbsBclsrXP+wehhTHM2pr
            WVNn+HHMrJVb4SaTdMijbjBsMB0GA1UdDgQWBBTUSKTvVDj1M++NoPlTL3DIQkg0
            GTAfBgNVHSMEGDAWgBTUSKTvVDj1M++NoPlTL3DIQkg0GTAPBgNVHRMBAf8EBTAD
            AQH/MBkGA1UdEQQSMBCCDioud2lsZC5leGFtcGxlMAoGCCqGSM49BAMCA0gAMEUC
            IEDpGONA/oN3ohGlaZRFb/bUBo4u9gjmSa6ehVHSyC0fAiEAocr0o6k09gLEILYK
            6ujk3OQDBrJgNnufO+N4eJWoOFo=
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgX52+n0KVLxp2doRd
            c6K2AYpT0+uxnyN0hd4YK/JXOIGhRANCAARKsDGui8Dt+tQRnReEMbooqcvHPGmF
            FQZfNinAyh5Wrx1ra27AXJbK1z/sHoYUxzNqa1lTZ/hxzKyVW+Emk3TI
            -----END PRIVATE KEY-----
            """)

    /// For `shop.example` too.
    static let other = Pair(
        name: "other",
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBkTCCATagAwIBAgIUYWjXLxwk0tKrdyLk9I9wvtPbhGswCgYIKoZIzj0EAwIw
            EDEOMAwGA1UEAwwFb3RoZXIwIBcNMjYxMTIxMTIzNzI3WhgPMjEyNjEwMjgxMjM3
            MjdaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
            h25bYzFKwPQpUe9PkxY5e5AJ8e+/urUQe/pqHNKmMFW/WabD+jEPwEFTHIZMBPPZ
            sYTCZFcyI7jGg3Qo0Hu1a6NsMGowHQYDVR0OBBYEFHN91KaajgYUeunIx1EmCZoG
            Gh/RMB8GA1UdIwQYMBaAFHN91KaajgYUeunIx1EmCZoGGh/RMA8GA1UdEwEB/wQF
            MAMBAf8wFwYDVR0RBBAwDoIMc2hvcC5leGFtcGxlMAoGCCqGSM49BAMCA0kAMEYC
            IQC1AdAM5iIq7ioKZZ037EF1pgRE4HVmdzYhp8Pt2QixWAIhAOmp4JIvMKgptjVO
            0JAW5a2B0wiGA/UtxXkiYtxiipbc
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglS/zyL8v7GiIex+m
            eGa6AJXG9XQNYj4blFCH8MOP7dShRANCAASHbltjMUrA9ClR70+TFjl7kAnx77+6
            tRB7+moc0qYwVb9ZpsP6MQ/AQVMchkwE89mxhMJkVzIjuMaDdCjQe7Vr
            -----END PRIVATE KEY-----
            """)

    static let all = [shop, wild, other]

    /// The name of one of these; empty for any other certificate.
    static func name(_ certificate: NIOSSLCertificate) -> String {
        let match = all.first {
            (try? NIOSSLCertificate(bytes: Array($0.certificate.utf8), format: .pem)) == certificate
        }
        return match?.name ?? ""
    }
}
