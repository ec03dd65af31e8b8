package org.example.piimages.build.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which proxy an environment specifies for a URL, according to curl(1) and CURLOPT_NOPROXY(3). */
class ProxiesTest {

    /** Parses assignments that are separated by spaces. */
    private static Map<String, String> environment(String assignments) {
        Map<String, String> environment = new TreeMap<>();
        for (String assignment : assignments.isEmpty() ? new String[0] : assignments.split(" ")) {
            environment.put(assignment.split("=", 2)[0], assignment.split("=", 2)[1]);
        }
        return environment;
    }

    private static String proxy(Map<String, String> environment, String address) throws IOException {
        return new Proxies(environment).of(URI.create(address)).map(proxy -> proxy.variable() + " " + proxy.host() + ":" + proxy.port())
                .orElse("none");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''                               | https://a/ | none",
        "http_proxy=p:3                   | http://a/  | http_proxy p:3",
        "http_proxy=p:3                   | https://a/ | none",
        "https_proxy=p:3                  | https://a/ | https_proxy p:3",
        "https_proxy=p:3                  | HTTPS://a/ | https_proxy p:3",
        "https_proxy=p:3                  | http://a/  | none",
        "all_proxy=p:3                    | http://a/  | all_proxy p:3",
        "all_proxy=p:3                    | https://a/ | all_proxy p:3",
        "all_proxy=p:3 https_proxy=q:4    | https://a/ | https_proxy q:4",
        "HTTPS_PROXY=p:3                  | https://a/ | HTTPS_PROXY p:3",
        "HTTPS_PROXY=p:3 https_proxy=q:4  | https://a/ | https_proxy q:4",
        "HTTPS_PROXY=p:3 https_proxy=     | https://a/ | HTTPS_PROXY p:3",
        "HTTPS_PROXY=p:3 all_proxy=q:4    | https://a/ | HTTPS_PROXY p:3",
        "ALL_PROXY=p:3                    | http://a/  | ALL_PROXY p:3",
        "ALL_PROXY=p:3 all_proxy=q:4      | http://a/  | all_proxy q:4",
        // A web server sets this variable from a header of an untrusted client.
        "HTTP_PROXY=p:3                   | http://a/  | none",
        "HTTP_PROXY=p:3 all_proxy=q:4     | http://a/  | all_proxy q:4",
        "all_proxy=p:3 no_proxy=a         | http://a/  | none",
        "all_proxy=p:3 NO_PROXY=a         | http://a/  | none",
        "all_proxy=p:3 NO_PROXY=a no_proxy=b | http://a/ | all_proxy p:3",
        "all_proxy=p:3 no_proxy=          | http://a/  | all_proxy p:3",
        // An unsupported proxy is no error if it is not used.
        "all_proxy=socks5://p no_proxy=a  | http://a/  | none"})
    void respectsPrecedenceOfVariables(String environment, String address, String expected) throws Exception {
        assertEquals(expected, proxy(environment(environment), address));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "proxy.example            | proxy.example | 1080 | ",
        "proxy.example:8080       | proxy.example | 8080 | ",
        "http://proxy.example     | proxy.example | 1080 | ",
        "HTTP://proxy.example:80/ | proxy.example | 80   | ",
        "http://192.0.2.1:3128    | 192.0.2.1     | 3128 | ",
        "http://[2001:db8::1]:8   | [2001:db8::1] | 8    | ",
        "[::1]                    | [::1]         | 1080 | ",
        "user:pass@p:3            | p             | 3    | user:pass",
        "http://user:pass@p:3     | p             | 3    | user:pass",
        "http://user@p:3          | p             | 3    | user:",
        "http://user:@p           | p             | 1080 | user:",
        "http://a%40b:c%3Ad%2f@p  | p             | 1080 | a@b:c:d/",
        "http://u:p@ss@p:3        | p             | 3    | u:p@ss",
        "http://u:100%@p:3        | p             | 3    | u:100%",
        "http://u:%zz%4@p:3       | p             | 3    | u:%zz%4",
        "http://u:%C3%A4ä@p:3     | p             | 3    | u:ää"})
    void parsesProxyLikeCurl(String value, String host, int port, String user) throws Exception {
        HttpProxy proxy = HttpProxy.of("all_proxy", value);
        assertEquals(host, proxy.host());
        assertEquals(port, proxy.port());
        String expected = user == null ? null : "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
        assertEquals(expected, proxy.authorization());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://u:secret@", "http://u:secret/x@p:3", "http://u:secret#@p", "u:secret@p:0", "u:secret@p:70000",
        "u:secret@p:99999999999", "u:secret@p q", "u:secret@p/path", "u:secret@[::1", "u:secret@p\u001b[31m", "socks5://u:secret@p",
        "https://u:secret@p", "socks4a://u:secret@p"})
    void rejectsInvalidProxyWithoutShowingPassword(String value) {
        String message = assertThrows(IOException.class, () -> proxy(Map.of("https_proxy", value), "https://a/")).getMessage();
        assertTrue(message.contains("the variable https_proxy"), message);
        assertFalse(message.contains("secret"), message);
        assertEquals(value.matches("(socks|https).*"), message.contains("which is not supported"), message);
    }

    @Test
    void showsProxyWithoutPassword() throws Exception {
        assertEquals("the proxy http://p:3 (all_proxy)", HttpProxy.of("all_proxy", "user:secret@p:3").toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        // The examples of CURLOPT_NOPROXY(3).
        "ample.com                    | ample.com        | true",
        "ample.com                    | www.ample.com    | true",
        "ample.com                    | www.example.com  | false",
        "ample.com                    | ample.com.org    | false",
        ".example.com                 | www.example.com  | true",
        ".example.com                 | foo.example.com  | true",
        ".example.com                 | example.com      | true",
        ".example.com                 | badexample.com   | false",
        "192.168.0.0/16               | 192.168.7.9      | true",
        "192.168.0.0/16               | 192.169.7.9      | false",
        "*                            | anything.example | true",
        "'a.example, b.example'       | b.example        | true",
        "'a.example b.example'        | b.example        | true",
        "a.example,,b.example,        | b.example        | true",
        "a.example,*                  | c.example        | true",
        "','                          | a.example        | false",
        ".                            | a.example        | false",
        "*.example.com                | www.example.com  | false",
        "EXAMPLE.com                  | www.Example.COM  | true",
        "example.com.                 | www.example.com  | true",
        "example.com                  | www.example.com. | true",
        "localhost                    | localhost        | true",
        "localhost                    | 127.0.0.1        | false",
        "127.0.0.1                    | 127.0.0.1        | true",
        "127.0.0.1                    | 127.0.0.10       | false",
        "0.0.1                        | 127.0.0.1        | false",
        "10.0.0.0/8                   | 10.255.0.1       | true",
        "10.0.0.0/0                   | 192.0.2.1        | true",
        "10.0.0.0/33                  | 10.0.0.0         | false",
        "10.0.0.0/999                 | 10.0.0.0         | false",
        "10.0.0.128/25                | 10.0.0.129       | true",
        "10.0.0.128/25                | 10.0.0.127       | false",
        "10.0.0.0/8                   | 10.example       | false",
        "::1                          | [::1]            | true",
        "[::1]                        | [0:0::1]         | true",
        "2001:db8::/32                | [2001:db8:7::1]  | true",
        "2001:db8::/32                | [2001:db9::1]    | false",
        "::/0                         | 192.0.2.1        | false",
        "nonsense:::                  | [::1]            | false",
        // Ports, which wget and curl do not support.
        "a.example:443                | a.example        | true",
        "a.example:443                | www.a.example    | true",
        "a.example:8443               | a.example        | false",
        "127.0.0.1:443                | 127.0.0.1        | true",
        "127.0.0.1:44                 | 127.0.0.1        | false",
        "[::1]:443                    | [::1]            | true",
        "[::1]:44                     | [::1]            | false",
        "*:443                        | a.example        | true"})
    void matchesDomainsAndAddresses(String value, String host, boolean isExcepted) throws Exception {
        assertEquals(isExcepted ? "none" : "all_proxy p:3",
                proxy(Map.of("all_proxy", "p:3", "no_proxy", value), "https://" + host + "/x"));
        assertEquals(isExcepted, new NoProxy(value).contains(host, 443));
    }

    @Test
    void comparesPortOfUrl() throws Exception {
        Map<String, String> environment = Map.of("all_proxy", "p:3", "no_proxy", "a.example:8443,b.example:80");
        assertEquals("none", proxy(environment, "https://a.example:8443/"));
        assertEquals("none", proxy(environment, "http://b.example/"));
        assertEquals("all_proxy p:3", proxy(environment, "https://b.example/"));
    }
}
