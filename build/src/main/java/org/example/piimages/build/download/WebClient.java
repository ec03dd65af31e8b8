package org.example.piimages.build.download;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** An HTTP client that follows redirections, except from https to http. */
public final class WebClient {

    /** The HTTP status of success. */
    public static final int OK = 200;
    private static final int SERVER_FAILS = 500;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration SMALL_FILE_TIMEOUT = Duration.ofMinutes(5);

    /** The maximum number of redirections that are followed for a request. */
    private static final int MAX_REDIRECTIONS = 5;
    private static final Set<Integer> REDIRECTIONS = Set.of(301, 302, 303, 307, 308);

    static {
        // By default, Java sends no password to a proxy for https connections. The property is read when the first client is created.
        System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
    }

    private final Proxies proxies;
    private final HttpClient client;

    /** Creates a client that uses the proxies in the environment of this process. */
    public WebClient() {
        this(new Proxies(System.getenv()));
    }

    WebClient(Proxies proxies) {
        this.proxies = proxies;
        // Redirections are followed here, because Java would send the password for one proxy to another if the target has a different one.
        this.client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).proxy(proxies.selector()).connectTimeout(TIMEOUT)
                .build();
    }

    /**
     * Sends a request and returns the response, whatever its status.
     *
     * @throws IOException if there is no response within 30 seconds; reading its body fails if nothing is received for as long
     */
    Response request(HttpRequest.Builder request) throws IOException {
        return request(request, null);
    }

    /** Requests a small file; reading its body fails after five minutes. */
    public Response requestSmallFile(URI address) throws IOException {
        return request(HttpRequest.newBuilder(address), SMALL_FILE_TIMEOUT);
    }

    private Response request(HttpRequest.Builder request, Duration timeout) throws IOException {
        try {
            HttpResponse<InputStream> response = send(request.copy());
            for (int i = 0; i < MAX_REDIRECTIONS && isFollowed(response); i++) {
                response.body().close();
                response = send(request.copy().uri(target(response)));
            }
            return new Response(response.uri(), response.statusCode(), response.headers(),
                    new TimeoutStream(response.body(), TIMEOUT, timeout));
        } catch (IllegalArgumentException | UncheckedIOException e) {
            // The port or the target of a redirection is invalid.
            throw new IOException("it leads to what is not a valid URL: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Returns whether the response is a redirection that is followed, which excludes one from https to http. */
    private static boolean isFollowed(HttpResponse<?> response) {
        return REDIRECTIONS.contains(response.statusCode())
                && !("https".equalsIgnoreCase(response.uri().getScheme()) && "http".equalsIgnoreCase(target(response).getScheme()));
    }

    private static URI target(HttpResponse<?> response) {
        return response.uri().resolve(response.headers().firstValue("Location").map(URI::create)
                .orElseThrow(() -> new IllegalArgumentException("the server redirects nowhere")));
    }

    private HttpResponse<InputStream> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        URI address = withoutUserAndFragment(request.timeout(TIMEOUT).build().uri());
        request.uri(address);
        HttpProxy proxy = proxies.of(address).orElse(null);
        if (proxy != null && proxy.authorization() != null) {
            request.setHeader("Proxy-Authorization", proxy.authorization());
        }
        HttpResponse<InputStream> response;
        try {
            response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw explained(e, address, proxy);
        }
        // The response to CONNECT has no body; one with a body is that of an https server.
        boolean isOfProxy = proxy != null && (response.body() == null || "http".equalsIgnoreCase(address.getScheme()));
        if (isOfProxy && response.statusCode() == HttpProxy.AUTHENTICATION_REQUIRED) {
            if (response.body() != null) {
                response.body().close();
            }
            throw new IOException(proxy.refusal(response.headers().allValues("Proxy-Authenticate")));
        }
        return response;
    }

    /** Returns the URL without its fragment and its user, which Java would send to a proxy as parts of an http URL. */
    private static URI withoutUserAndFragment(URI address) {
        String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
        String port = address.getPort() < 0 ? "" : ":" + address.getPort();
        return URI.create(address.getScheme() + "://" + address.getHost() + port + address.getRawPath() + query);
    }

    private static IOException explained(IOException failure, URI address, HttpProxy proxy) {
        String problem = ServerCertificate.problem(failure);
        if (problem == null && proxy != null) {
            problem = proxy.problem(address, failure);
        } else if (failure instanceof ConnectException connecting) {
            problem = "the server cannot be reached: " + reason(connecting);
        }
        return problem == null ? failure : new IOException(problem, failure);
    }

    /** Explains why a connection cannot be established. */
    static String reason(ConnectException problem) {
        boolean isUnknown = problem.getCause() instanceof ConnectException cause && cause.getCause() instanceof UnresolvedAddressException
                || problem.getCause() instanceof UnresolvedAddressException;
        return isUnknown ? "its name is unknown" : problem.getMessage() == null ? "it accepts no connections" : problem.getMessage();
    }

    /**
     * Returns the content of a small file.
     *
     * @param max the largest permitted size in bytes
     * @return empty if the server does not have the file
     * @throws IOException if the server fails, or sends more than {@code max} bytes
     */
    Optional<byte[]> smallFile(URI address, int max) throws IOException {
        try (Response response = requestSmallFile(address)) {
            if (response.status() >= SERVER_FAILS) {
                throw new IOException(response.statusException().getMessage() + " for " + address);
            }
            return response.status() == OK ? Optional.of(bounded(response.body(), max)) : Optional.empty();
        }
    }

    /**
     * Reads a stream to its end.
     *
     * @throws IOException if the stream has more than {@code max} bytes
     */
    public static byte[] bounded(InputStream stream, int max) throws IOException {
        byte[] bytes = stream.readNBytes(max + 1);
        if (bytes.length > max) {
            throw new IOException("it is larger than " + (max >> 20) + " MiB");
        }
        return bytes;
    }
}
