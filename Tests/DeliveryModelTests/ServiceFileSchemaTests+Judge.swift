extension ServiceFileSchemaTests {
    static let goodJudges = [
        #"{"alpha":0.01,"beta":0.5,"dispersion":1}"#, #"{"alpha":1e-3}"#, #"{"rules":{},"metrics":{}}"#,
        #"{"rules":{"slo":"off","split":"on","gauges":false,"burn-rate":true,"no-data":{}}}"#,
        #"{"rules":{"latency-undo":{"margin":"5%","weight":0.4,"dryRun":true},"slo":{"dryRun":"off"}}}"#,
        #"{"rules":{"latency-promote":{"margin":"12.5%"},"errors-promote":{},"errors-undo":{"weight":1}}}"#,
        #"{"metrics":{"orders":{"kind":"count","query":"orders_total{a=\"b\",c!~\"d\\\\.e\"}"}}}"#,
        #"{"metrics":{"m_1":{"kind":"gauge","query":"x","source":"instances","path":"/m","worse":"lower"}}}"#,
        #"{"metrics":{"m":{"kind":"gauge","query":"x{ a = \"{{release}}\" }","source":"instances"}}}"#,
        #"{"prometheus":{"url":"http://h"},"metrics":{"m":{"kind":"gauge","query":"sum(x{a=\"{{commit}}\"})"}}}"#,
        #"{"prometheus":{"url":"http://h"},"metrics":{"m":{"kind":"count","source":"prometheus","#
            + #""query":"x{a=\"{{release}}\",\nb=\"{{service}}\"}"}}}"#,
        #"{"prometheus":{"url":"https://h.example:9090/p","timeout":"1m","retries":10,"bearerTokenFile":"/t"}}"#,
        #"{"prometheus":{"url":"http://[::1]:9090/","username":"x","passwordFile":"/etc/p w"}}"#,
    ].map(document)

    static let badJudges = [
        #"{"alpha":0}"#, #"{"alpha":1}"#, #"{"beta":-0.1}"#, #"{"alpha":"0.1"}"#, #"{"rules":{"slow":"off"}}"#,
        #"{"rules":{"slo":"no"}}"#, #"{"rules":{"slo":null}}"#, #"{"rules":{"slo":1}}"#, #"{"rules":{"slo":"true"}}"#,
        #"{"rules":{"slo":{"margin":"5%"}}}"#, #"{"rules":{"slo":{"weight":0.5}}}"#,
        #"{"rules":{"errors-promote":{"dryRun":true}}}"#, #"{"rules":{"errors-promote":{"margin":"5%"}}}"#,
        #"{"rules":{"errors-undo":{"weight":0.0005}}}"#, #"{"rules":{"gauges":{"margin":"100%"}}}"#,
        #"{"rules":{"gauges":{"dryRun":"yes"}}}"#, #"{"metrics":{"m":{"kind":"count"}}}"#,
        #"{"metrics":{"m":{"query":"x"}}}"#, #"{"metrics":{"M":{"kind":"count","query":"x"}}}"#,
        #"{"metrics":{"m":{"kind":"count","query":" "}}}"#, #"{"metrics":{"m":"x"}}"#,
        #"{"metrics":{"m":{"kind":"count","query":"x","worse":"higher"}}}"#,
        #"{"metrics":{"m":{"kind":"count","query":"x","every":"0s"}}}"#,
        #"{"metrics":{"m":{"kind":"count","query":"x{a=\"{{release}}\"}","source":"prometheus"}}}"#,
        #"{"prometheus":{"url":"http://h"},"metrics":{"m":{"kind":"count","source":"prometheus","query":"x"}}}"#,
        #"{"prometheus":{"url":"http://h"},"metrics":{"m":{"kind":"count","source":"prometheus","#
            + #""query":"{{release}} {{x}}"}}}"#,
        #"{"prometheus":{"url":"http://h"},"metrics":{"m":{"kind":"count","source":"prometheus","path":"/m","#
            + #""query":"{{release}}"}}}"#,
        #"{"metrics":{"m":{"kind":"count","query":"rate(x[5m])","source":"instances"}}}"#,
        #"{"metrics":{"m":{"kind":"count","query":"x{a='b'}","source":"instances"}}}"#, #"{"prometheus":{}}"#,
        #"{"prometheus":{"url":"h"}}"#, #"{"prometheus":{"url":"http://u:p@h"}}"#,
        #"{"prometheus":{"url":"http://h?x"}}"#,
        #"{"prometheus":{"url":"http://h","retries":11}}"#, #"{"prometheus":{"url":"http://h","bearerTokenFile":"t"}}"#,
        #"{"prometheus":{"url":"http://h","username":"x"}}"#, #"{"prometheus":{"url":"http://h","passwordFile":"/p"}}"#,
        #"{"prometheus":{"url":"http://h","username":"x:y","passwordFile":"/p"}}"#,
        #"{"prometheus":{"url":"http://h","bearerTokenFile":"/t","username":"x","passwordFile":"/p"}}"#,
    ].map(document)

    private static func document(_ judge: String) -> String {
        #"{"service":"s","run":{"command":["a"]},"judge":"# + judge + "}"
    }
}
