extension ServiceFileSchemaTests {
    static let goodRoutes = [
        #"{}"#, #"{"previewFrom":["10.0.0.0/8","::1","0.0.0.0/0","2001:db8::/32"],"preview":"loopback"}"#,
        #"{"protocol":"h2c","sticky":{"by":"header","header":"X-User"}}"#, #"{"sticky":{"by":"cookie"}}"#,
        #"{"rules":[]}"#, #"{"rules":[{"method":["GET"],"release":"candidate"}]}"#,
        #"{"rules":[{"header":{"name":"x","equals":""},"release":"baseline","counted":"off"}]}"#,
        #"{"rules":[{"cookie":{"name":"x","present":false},"release":"abcd1234"}]}"#,
        #"{"rules":[{"query":{"name":"ä b","regex":"^a+$"},"pathRegex":"\\.jpg$","source":["::1"],"release":"abcd"}]}"#,
        #"{"rescue":"off"}"#, #"{"rescue":false}"#, #"{"rescue":{"deadline":"1s","maxBody":"0B","budget":"0%"}}"#,
        #"{"health":{"active":{"path":"/a?b","interval":"1s","jitter":"0%"},"passive":"off","panic":"100%"}}"#,
        #"{"health":{"passive":{"consecutiveFailures":0,"errorShare":"50.00%","ejectFor":"10s"},"slowStart":"0s"}}"#,
        #"{"mirror":{"share":"0.01%"}}"#, #"{"mirror":{"share":"100%","for":"0s","compare":"off"}}"#,
        #"{"mirror":{"share":"1%","maxBody":"1MiB","compare":{"headers":["a"],"ignore":["","/a/~0/*"],"noise":"0%"}}}"#,
        #"{"timeouts":{"connect":"10ms","stream":"24h"}}"#,
        #"{"hosts":["a"],"tls":{"certificate":"/c.pem","key":"/k"}}"#,
    ].map(document)

    static let badRoutes = [
        #"{"previewFrom":["10.0.0.0/33"]}"#, #"{"previewFrom":["1.2.3"]}"#, #"{"previewFrom":["::/129"]}"#,
        #"{"previewFrom":["01.2.3.4"]}"#, #"{"previewFrom":[],"preview":"anyone"}"#, #"{"protocol":"http2"}"#,
        #"{"sticky":{}}"#, #"{"sticky":{"by":"header"}}"#, #"{"sticky":{"by":"cookie","header":"x"}}"#,
        #"{"sticky":{"by":"header","header":""}}"#, #"{"rules":[{"release":"candidate"}]}"#,
        #"{"rules":[{"name":"x","release":"candidate"}]}"#, #"{"rules":[{"method":["GET"]}]}"#,
        #"{"rules":[{"method":[],"release":"candidate"}]}"#, #"{"rules":[{"method":["get"],"release":"candidate"}]}"#,
        #"{"rules":[{"method":["GET"],"release":"canary"}]}"#, #"{"rules":[{"method":["GET"],"release":"abc"}]}"#,
        #"{"rules":[{"header":{"name":"x"},"release":"candidate"}]}"#,
        #"{"rules":[{"header":{"name":"x","equals":"a","present":true},"release":"candidate"}]}"#,
        #"{"rules":[{"header":{"name":"a b","equals":"a"},"release":"candidate"}]}"#,
        #"{"rules":[{"header":{"name":"x","equals":"a\u0000"},"release":"candidate"}]}"#,
        #"{"rules":[{"pathRegex":"","release":"candidate"}]}"#,
        #"{"rules":[{"pathPrefix":"a","release":"candidate"}]}"#,
        #"{"rules":[{"source":[],"release":"candidate"}]}"#, #"{"rescue":null}"#, #"{"rescue":{"budget":"101%"}}"#,
        #"{"rescue":{"maxBody":65536}}"#, #"{"rescue":{"maxBody":"64KB"}}"#, #"{"rescue":{"deadline":1}}"#,
        #"{"health":{"active":"off"}}"#, #"{"health":{"active":{"healthyAfter":0}}}"#,
        #"{"health":{"passive":{"minimumRequests":0}}}"#, #"{"health":{"panic":0.5}}"#, #"{"mirror":{}}"#,
        #"{"mirror":{"share":"0%"}}"#, #"{"mirror":{"share":"1%","compare":{"ignore":["a"]}}}"#,
        #"{"mirror":{"share":"1%","methods":[]}}"#, #"{"timeouts":{"connect":1}}"#, #"{"tls":{"certificate":"/c"}}"#,
        #"{"tls":{"certificate":"/c","key":"/k"}}"#, #"{"hosts":[],"tls":{"certificate":"/c","key":"/k"}}"#,
        #"{"hosts":["a"],"tls":{"certificate":"c","key":"/k"}}"#,
    ].map(document)

    private static func document(_ route: String) -> String {
        #"{"service":"s","run":{"command":["a"]},"route":"# + route + "}"
    }
}
