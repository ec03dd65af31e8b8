package org.example.piimages.build;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** What addresses have: follows redirections, but none from https to http. */
final class Web {

    static final int OK = 200;
    private static final int SERVER_FAILS = 500;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).connectTimeout(PATIENCE).build();

    /** Asks, and returns the answer, whatever it is, with its body to be read and closed. Throws where none comes within 30 seconds. */
    HttpResponse<InputStream> ask(HttpRequest.Builder request) throws IOException {
        try {
            return client.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /**
     * A small file.
     *
     * @param most of how many bytes the rest is left
     * @return empty where there is none; throws where the server fails
     */
    Optional<byte[]> small(URI address, int most) throws IOException {
        HttpResponse<InputStream> response = ask(HttpRequest.newBuilder(address));
        try (InputStream body = response.body()) {
            if (response.statusCode() >= SERVER_FAILS) {
                throw new IOException("the server returned status " + response.statusCode() + " for " + address);
            }
            return response.statusCode() == OK ? Optional.of(body.readNBytes(most)) : Optional.empty();
        }
    }
}
