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

/** What addresses have: follows redirections, but none from https to http. */
public final class Web {

    /** The status of an answer that has what was asked for. */
    public static final int OK = 200;
    private static final int SERVER_FAILS = 500;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LONGEST_FOR_SMALL = Duration.ofMinutes(5);

    private final HttpClient client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).connectTimeout(PATIENCE).build();

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
            HttpResponse<InputStream> response =
                    client.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofInputStream());
            return new Answer(response.uri(), response.statusCode(), response.headers(),
                    new SteadyStream(response.body(), PATIENCE, longest));
        } catch (ConnectException e) {
            boolean isUnknown = e.getCause() instanceof ConnectException cause && cause.getCause() instanceof UnresolvedAddressException
                    || e.getCause() instanceof UnresolvedAddressException;
            throw new IOException("the server cannot be reached: " + (isUnknown ? "its name is unknown" : reason(e)), e);
        } catch (IOException e) {
            String problem = ServerCertificate.problem(e);
            throw problem == null ? e : new IOException(problem, e);
        } catch (IllegalArgumentException | UncheckedIOException e) {
            // A port or a redirection that is none.
            throw new IOException("it leads to what is not a valid URL: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String reason(ConnectException problem) {
        return problem.getMessage() == null ? "it accepts no connections" : problem.getMessage();
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
