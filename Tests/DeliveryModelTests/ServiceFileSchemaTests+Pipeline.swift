extension ServiceFileSchemaTests {
    private static func file(_ rest: String) -> String { #"{"service":"s","run":{"command":["a"]},\#(rest)}"# }
    private static func stages(_ stages: String) -> String { file(#""pipeline":{"stages":[\#(stages)]}"#) }
    private static func deploy(_ keys: String) -> String { file(#""deploy":{\#(keys)}"#) }

    static let goodPipelines =
        [
            "", #"{"name":"a","run":"make"}"#, #"{"name":"a","run":["make",1]}"#, #"{"name":"a","run":true}"#,
            #"{"name":"a","parallel":[{"name":"b","run":"x","needs":["c"]}]},{"name":"c","run":"x","needs":[]}"#,
            #"{"name":"a","run":"x","env":["A=1","B"],"secrets":["T"],"timeout":"1m","retries":3}"#,
            #"{"name":"a","run":"x","cache":{"key":["**"],"paths":["bin/"]},"reports":{"junit":"*.xml"}}"#,
        ].map(stages)
        + [
            "", #""trunk":"a/b-c","auto":"off","paths":["x/**"],"team":"t","group":"g","supersede":"running""#,
            #""freeze":[{"from":"Fri 16:00","to":"Mon 08:00","zone":"Europe/Berlin","reason":"weekend"}]"#,
            #""freeze":[{"from":"2026-12-24 00:00","to":"2026-12-27 00:00"}]"#,
        ].map(deploy)

    static let badPipelines =
        [
            #"{"name":"a"}"#, #"{"run":"x"}"#, #"{"name":"a b","run":"x"}"#, #"{"name":"a","run":""}"#,
            #"{"name":"a","run":[]}"#, #"{"name":"a","run":{}}"#, #"{"name":"a","run":"x","parallel":[]}"#,
            #"{"name":"a","parallel":[{"name":"b"}]}"#, #"{"name":"a","parallel":[{"name":"b","run":"x"}],"env":[]}"#,
            #"{"name":"a","parallel":[{"name":"b","parallel":[]}]}"#, #"{"name":"a","run":"x","env":["NONEVENT_A=1"]}"#,
            #"{"name":"a","run":"x","env":["1"]}"#, #"{"name":"a","run":"x","secrets":["a-b"]}"#,
            #"{"name":"a","run":"x","retries":11}"#, #"{"name":"a","run":"x","cache":{"paths":["../x"]}}"#,
            #"{"name":"a","run":"x","image":"swift"}"#,
        ].map(stages)
        + [
            #""trunk":"a b""#, #""trunk":"refs/heads/main""#, #""trunk":"a..b""#, #""trunk":"/a""#,
            #""trunk":"a.lock""#,
            #""trunk":"a/.b""#, #""trunk":"@""#, #""team":"""#, #""supersede":"all""#,
            #""freeze":[{"from":"Fri 16:00"}]"#, #""freeze":[{"from":"Fri 24:00","to":"Mon 08:00"}]"#,
            #""freeze":[{"from":"Fri 16:00","to":"Mon 08:00","zone":"1"}]"#,
            #""freeze":[{"from":"Fri 16:00","to":"Mon 08:00","reason":""}]"#,
        ].map(deploy)
}
