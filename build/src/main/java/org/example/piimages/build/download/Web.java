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

/** What addresses have: follows redirections, but none from https to http. */
public final class Web {

    /** The status of an answer that has what was asked for. */
    public static final int OK = 200;
    private static final int SERVER_FAILS = 500;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LONGEST_FOR_SMALL = Duration.ofMinutes(5);

    /** As many as Java follows by itself. */
    private static final int MOST_REDIRECTIONS = 5;
    private static final Set<Integer> REDIRECTIONS = Set.of(301, 302, 303, 307, 308);

    static {
        // Java sends no password to a proxy that connects to an https server otherwise, and reads this when it makes its first client.
        System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
    }

    private final Proxies proxies;
    private final HttpClient client;

    /** With the proxies that the user's environment names. */
    public Web() {
        this(new Proxies(System.getenv()));
    }

    Web(Proxies proxies) {
        this.proxies = proxies;
        // Java would send the password for one proxy to another one, if a redirection leads there.
        this.client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).proxy(proxies.selector()).connectTimeout(PATIENCE)
                .build();
    }

    /**
     * Asks, and returns the answer, whatever it is. Throws where none comes within 30 seconds; so does its body, where nothing comes for as
     * long.
     */
    Answer ask(HttpRequest.Builder request) throws IOException {
        return ask(request, null);
    }

    /** The same for what is small, which does not take longer than five minutes. */
    public Answer askForSmall(URI address) throws IOException {
        return ask(HttpRequest.newBuilder(address), LONGEST_FOR_SMALL);
    }

    private Answer ask(HttpRequest.Builder request, Duration longest) throws IOException {
        try {
            HttpResponse<InputStream> response = send(request.copy());
            for (int i = 0; i < MOST_REDIRECTIONS && leadsOn(response); i++) {
                response.body().close();
                response = send(request.copy().uri(target(response)));
            }
            return new Answer(response.uri(), response.statusCode(), response.headers(),
                    new SteadyStream(response.body(), PATIENCE, longest));
        } catch (IllegalArgumentException | UncheckedIOException e) {
            // A port or a redirection that is none.
            throw new IOException("it leads to what is not a valid URL: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** None from https to http. */
    private static boolean leadsOn(HttpResponse<?> response) {
        return REDIRECTIONS.contains(response.statusCode())
                && !("https".equalsIgnoreCase(response.uri().getScheme()) && "http".equalsIgnoreCase(target(response).getScheme()));
    }

    private static URI target(HttpResponse<?> response) {
        return response.uri().resolve(response.headers().firstValue("Location").map(URI::create)
                .orElseThrow(() -> new IllegalArgumentException("the server redirects nowhere")));
    }

    private HttpResponse<InputStream> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        URI address = request.timeout(PATIENCE).build().uri();
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
        if (proxy != null && response.statusCode() == HttpProxy.AUTHENTICATION_REQUIRED) {
            if (response.body() != null) {
                // There is none where it was asked to connect.
                response.body().close();
            }
            throw new IOException(proxy.refusal(response.headers().allValues("Proxy-Authenticate")));
        }
        return response;
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

    /** Why nobody can be connected to. */
    static String reason(ConnectException problem) {
        boolean isUnknown = problem.getCause() instanceof ConnectException cause && cause.getCause() instanceof UnresolvedAddressException
                || problem.getCause() instanceof UnresolvedAddressException;
        return isUnknown ? "its name is unknown" : problem.getMessage() == null ? "it accepts no connections" : problem.getMessage();
    }

    /**
     * A small file.
     *
     * @param most how many bytes it may have
     * @return empty where there is none; throws where the server fails, or sends more
     */
    Optional<byte[]> small(URI address, int most) throws IOException {
        try (Answer answer = askForSmall(address)) {
            if (answer.status() >= SERVER_FAILS) {
                throw new IOException(answer.refusal().getMessage() + " for " + address);
            }
            return answer.status() == OK ? Optional.of(bounded(answer.body(), most)) : Optional.empty();
        }
    }

    /** All that is in a stream. Throws where that is more. */
    public static byte[] bounded(InputStream stream, int most) throws IOException {
        byte[] bytes = stream.readNBytes(most + 1);
        if (bytes.length > most) {
            throw new IOException("it is larger than " + (most >> 20) + " MiB");
        }
        return bytes;
    }
}
