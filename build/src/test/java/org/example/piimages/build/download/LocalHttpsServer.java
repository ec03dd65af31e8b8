package org.example.piimages.build.download;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A local server of files over https and http; until it is closed, this process trusts its certificate. */
public final class LocalHttpsServer implements AutoCloseable {

    private static final char[] PASSWORD = "password".toCharArray();

    private static KeyStore keys;

    final Map<String, byte[]> files = new HashMap<>();
    /** The targets of redirections, by path. */
    public final Map<String, String> redirections = new HashMap<>();
    public final List<String> requests = new ArrayList<>();
    /** The values of headers Proxy-Authorization, which must never reach a server. */
    public final List<String> secrets = new ArrayList<>();
    /** The values of the header Content-Disposition, by path; see RFC 6266. */
    public final Map<String, String> dispositions = new HashMap<>();
    /** The number of bytes that are missing at the end of images. */
    public int lost;
    private final SSLContext before;
    private final HttpsServer server;
    private final HttpServer open;

    public LocalHttpsServer(Path directory) throws IOException, GeneralSecurityException {
        KeyStore own = keys(directory);
        KeyManagerFactory identity = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        identity.init(own, PASSWORD);
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(own);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(identity.getKeyManagers(), trusted.getTrustManagers(), new SecureRandom());
        before = SSLContext.getDefault();
        SSLContext.setDefault(context);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        open = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        for (HttpServer each : List.of(server, open)) {
            each.createContext("/", this::answer);
            each.start();
        }
    }

    /** Returns the key pair of the server. It is generated only once for all tests, because that takes a second. */
    private static synchronized KeyStore keys(Path directory) throws IOException, GeneralSecurityException {
        if (keys != null) {
            return keys;
        }
        Path store = directory.resolve("keys");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(keytool, "-genkeypair", "-alias", "a", "-keyalg", "EC", "-dname", "CN=localhost", "-ext",
                "SAN=dns:localhost,ip:127.0.0.1", "-keystore", store.toString(), "-storepass", new String(PASSWORD))
                .redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!Files.exists(store)) {
            throw new IOException(output);
        }
        KeyStore created = KeyStore.getInstance("PKCS12");
        try (InputStream content = Files.newInputStream(store)) {
            created.load(content, PASSWORD);
        }
        keys = created;
        return created;
    }

    /** Restores the default trust of this process, which does not include this server. */
    public void distrust() {
        SSLContext.setDefault(before);
    }

    public String address(String path) {
        return "https://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    public String openAddress(String path) {
        return "http://127.0.0.1:" + open.getAddress().getPort() + path;
    }

    public void put(String path, String content) {
        files.put(path, content.getBytes(StandardCharsets.UTF_8));
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(path + (range == null ? "" : " " + range));
        secrets.addAll(exchange.getRequestHeaders().getOrDefault("Proxy-authorization", List.of()));
        byte[] body = files.get(path);
        if (redirections.containsKey(path)) {
            exchange.getResponseHeaders().add("Location", redirections.get(path));
            exchange.sendResponseHeaders(302, -1);
        } else if (body == null) {
            exchange.sendResponseHeaders(404, -1);
        } else {
            int start = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
            exchange.getResponseHeaders().add("ETag", "\"v1\"");
            if (dispositions.containsKey(path)) {
                exchange.getResponseHeaders().add("Content-Disposition", dispositions.get(path));
            }
            if (range != null) {
                exchange.getResponseHeaders().add("Content-Range", "bytes " + start + "-" + (body.length - 1) + "/" + body.length);
            }
            exchange.sendResponseHeaders(range == null ? 200 : 206, body.length - start);
            exchange.getResponseBody().write(body, start,
                    body.length - start - (path.contains(".img") || dispositions.containsKey(path) ? lost : 0));
            exchange.getResponseBody().flush();
        }
        exchange.close();
    }

    @Override
    public void close() {
        SSLContext.setDefault(before);
        server.stop(0);
        open.stop(0);
    }
}
