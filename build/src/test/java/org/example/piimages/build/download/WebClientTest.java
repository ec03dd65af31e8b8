package org.example.piimages.build.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests requests to servers through a proxy. */
class WebClientTest {

    private static final String SECRET = "Basic dTpzZWNyZXQ=";

    @TempDir
    Path directory;
    private LocalHttpsServer server;
    private LocalProxy proxy;

    @BeforeEach
    void serve() throws Exception {
        server = new LocalHttpsServer(directory);
        server.put("/a", "content");
        proxy = new LocalProxy();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        proxy.close();
    }

    private static String content(Map<String, String> environment, String address) throws IOException {
        return new String(new WebClient(new Proxies(environment)).smallFile(URI.create(address), 100).orElseThrow(),
                StandardCharsets.UTF_8);
    }

    private static String refusal(Map<String, String> environment, String address) {
        String message = assertThrows(IOException.class, () -> content(environment, address)).getMessage();
        assertEquals(1, message.lines().count(), message);
        assertFalse(message.contains("secret"), message);
        return message;
    }

    private String target(String address) {
        return URI.create(address).getAuthority();
    }

    @Test
    void usesProxyForHttpAndHttps() throws Exception {
        Map<String, String> environment = Map.of("all_proxy", proxy.place());
        assertEquals("content", content(environment, server.openAddress("/a")));
        assertEquals("content", content(environment, server.address("/a")));
        assertEquals(List.of("GET " + server.openAddress("/a") + " HTTP/1.1",
                "CONNECT " + target(server.address("/")) + " HTTP/1.1"), proxy.requests);
        proxy.requests.clear();
        assertEquals("content", content(Map.of(), server.address("/a")));
        assertEquals("content", content(Map.of("all_proxy", proxy.place(), "no_proxy", "127.0.0.1"), server.address("/a")));
        assertEquals(List.of(), proxy.requests);
    }

    @Test
    void sendsPasswordOnlyToItsProxy() throws Exception {
        server.redirections.put("/open", server.address("/a"));
        try (LocalProxy other = new LocalProxy()) {
            Map<String, String> environment = Map.of("http_proxy", "http://u:secret@" + proxy.place(), "https_proxy", other.place());
            assertEquals("content", content(environment, server.openAddress("/open")));
            assertEquals(List.of("GET " + server.openAddress("/open") + " HTTP/1.1 " + SECRET), proxy.requests);
            assertEquals(List.of("CONNECT " + target(server.address("/")) + " HTTP/1.1"), other.requests);
            environment = Map.of("https_proxy", "http://u:secret@" + other.place());
            assertEquals("content", content(environment, server.openAddress("/open")));
            assertEquals("CONNECT " + target(server.address("/")) + " HTTP/1.1 " + SECRET, other.requests.get(1));
        }
        assertEquals(List.of(), server.secrets);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "407 No;Proxy-Authenticate: Basic realm=\"x\" |          | requires a user name and a password (status 407)",
        "407 No;Proxy-Authenticate: Basic realm=\"x\" | u:secret@ | does not accept the user name and the password",
        "407 No;Proxy-Authenticate: NTLM              | u:secret@ | requires an authentication other than Basic"})
    void explainsRequiredAuthentication(String answer, String user, String expected) {
        proxy.refusal = answer.replace(";", "\r\n");
        Map<String, String> environment = Map.of("all_proxy", "http://" + (user == null ? "" : user) + proxy.place());
        for (String address : List.of(server.address("/a"), server.openAddress("/a"))) {
            String message = refusal(environment, address);
            assertTrue(message.startsWith("the proxy http://" + proxy.place() + " (all_proxy) " + expected), message);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "403 | refuses to connect to 127.0.0.1 (status 403); ask its administrator, or exclude the server with no_proxy",
        "502 | cannot connect to 127.0.0.1 (status 502); check the URL, or exclude the server with no_proxy"})
    void explainsRefusedConnection(String status, String expected) {
        proxy.refusal = status + " No";
        assertEquals("the proxy http://" + proxy.place() + " (https_proxy) " + expected,
                refusal(Map.of("https_proxy", "http://u:secret@" + proxy.place()), server.address("/a")));
    }

    @Test
    void explainsUnreachableProxy() throws Exception {
        proxy.close();
        for (String address : List.of(server.address("/a"), server.openAddress("/a"))) {
            String message = refusal(Map.of("all_proxy", "u:secret@" + proxy.place()), address);
            assertTrue(message.startsWith("the proxy http://" + proxy.place() + " (all_proxy) cannot be reached: "), message);
            message = refusal(Map.of("all_proxy", "u:secret@proxy.invalid"), address);
            assertEquals("the proxy http://proxy.invalid:1080 (all_proxy) cannot be reached: its name is unknown; check the variable",
                    message);
        }
        assertTrue(refusal(Map.of("all_proxy", "socks5://u:secret@p"), server.address("/a")).contains("is not supported"));
    }

    @Test
    void limitsRedirections() throws Exception {
        for (int i = 0; i < 6; i++) {
            server.redirections.put("/" + i, "/" + (i + 1));
        }
        server.put("/6", "far");
        assertEquals("far", content(Map.of(), server.address("/1")));
        try (Response response = new WebClient(new Proxies(Map.of())).requestSmallFile(URI.create(server.address("/0")))) {
            assertEquals(302, response.status());
        }
    }
}
