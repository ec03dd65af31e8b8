package org.example.piimages.build.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests servers that stop sending, or send slowly. */
class TimeoutStreamTest {

    private final CountDownLatch end = new CountDownLatch(1);
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        // Java reads the property that WebClient sets only once per process, with the first client; another client first would break
        // WebClientTest.
        assertNotNull(new WebClient());
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/stall", exchange -> {
            exchange.sendResponseHeaders(200, 10);
            exchange.getResponseBody().write(7);
            exchange.getResponseBody().flush();
            await(20_000);
        });
        server.createContext("/drip", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            while (end.getCount() > 0) {
                exchange.getResponseBody().write(7);
                exchange.getResponseBody().flush();
                await(50);
            }
        });
        server.start();
    }

    private void await(long milliseconds) {
        try {
            end.await(milliseconds, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void stop() {
        end.countDown();
        server.stop(0);
    }

    private InputStream body(String path) throws Exception {
        URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofInputStream()).body();
    }

    @Test
    void abortsIfServerStalls() throws Exception {
        try (InputStream stream = new TimeoutStream(body("/stall"), Duration.ofSeconds(1), null)) {
            assertEquals(7, stream.read());
            IOException failure = assertThrows(IOException.class, stream::read);
            assertEquals("the server has sent nothing for 1 seconds", failure.getMessage());
        }
    }

    @Test
    void abortsIfServerTakesTooLong() throws Exception {
        try (InputStream stream = new TimeoutStream(body("/drip"), Duration.ofSeconds(10), Duration.ofSeconds(1))) {
            IOException failure = assertThrows(IOException.class, stream::readAllBytes);
            assertTrue(failure.getMessage().contains("not sent all of it in 1 seconds"), failure.getMessage());
        }
    }

    @Test
    void toleratesSlowReader() throws Exception {
        try (InputStream stream = new TimeoutStream(new ByteArrayInputStream(new byte[] {1, 2}), Duration.ofMillis(100), null)) {
            assertEquals(1, stream.read());
            await(600);
            assertEquals(2, stream.read());
            assertEquals(-1, stream.read());
        }
    }
}
