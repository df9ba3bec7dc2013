import DeliveryModel
import Testing

@Suite struct GitURLTests {
    @Test(arguments: [
        ("https://github.com/Octo/Hello.git", "https", "github.com", "Octo/Hello", "github.com/octo/hello"),
        ("http://ada:secret@host:8080/a/b.git/", "http", "host", "a/b", "host/a/b"),
        ("ssh://git@host:22/a/b", "ssh", "host", "a/b", "host/a/b"),
        ("git@github.com:Octo/Hello.git", "ssh", "github.com", "Octo/Hello", "github.com/octo/hello"),
        ("git://127.0.0.1:9418/a.git", "git", "127.0.0.1", "a", "127.0.0.1/a"),
        ("https://[::1]:80/a", "https", "[::1]", "a", "[::1]/a"),
        ("file:///srv/git/Shop.git", "file", "", "srv/git/Shop", "/srv/git/Shop"),
        ("/srv/git/with space/.git", "file", "", "srv/git/with space/.git", "/srv/git/with space/.git"),
    ])
    func formsAreRead(_ text: String, _ scheme: String, _ host: String, _ path: String, _ identity: String) throws {
        let url = try #require(GitURL(text))
        #expect([url.scheme, url.host, url.path, url.identity] == [scheme, host, path, identity])
        #expect(url.text == text)
    }

    @Test func passwordsAreNotShown() throws {
        #expect(
            try #require(GitURL("https://ada:se@cret@host:8080/a.git?x")).description == "https://host:8080/a.git?x")
        #expect(try #require(GitURL("https://host/a@b.git")).description == "https://host/a@b.git")
        #expect(try #require(GitURL("git@host:a.git")).description == "git@host:a.git")
    }

    @Test(arguments: [
        "", "-x", "ext::sh", "a@host::x", "relative", "https://", "https:///path", "https://host", "https://host/",
        "http://-option/x", "ftp://host/a", "https://host/a b", "/a\nb", "/", "user@:a",
    ])
    func othersAreRefused(_ text: String) {
        #expect(GitURL(text) == nil)
    }
}
