package org.example.piimages.build.download;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Locale;
import java.util.Optional;
import org.example.piimages.contract.DownloadName;

/**
 * The response of an HTTP server.
 *
 * @param address the URL that it was received from, after all redirections
 * @param status the HTTP status code
 * @param headers the HTTP headers
 * @param body the content; the caller reads and closes it
 */
public record Response(URI address, int status, HttpHeaders headers, InputStream body) implements Closeable {

    private static final int REDIRECTION = 300;
    private static final int FAILURE = 400;
    private static final int SERVER_FAILS = 500;

    /** Returns an exception that says why a response with this status is not usable. */
    public IOException statusException() {
        String location = header("Location");
        if (status >= REDIRECTION && status < FAILURE && location.toLowerCase(Locale.ROOT).startsWith("http:")) {
            return new IOException("the server redirects from https to " + location + ", which does not authenticate the server");
        }
        return new IOException("the server returned status " + status);
    }

    /** Returns whether the status is a redirection or a client error, so that a retry would not help. */
    boolean isFinal() {
        return status >= REDIRECTION && status < SERVER_FAILS;
    }

    /** Returns the first value of a header; empty if the header is absent. */
    String header(String name) {
        return headers.firstValue(name).orElse("");
    }

    /** Returns the file name in the header Content-Disposition; empty if it is absent or not the name of an image or packed image. */
    Optional<String> fileName() {
        return ContentDisposition.fileName(header("Content-Disposition")).filter(DownloadName::isDownload);
    }

    /** Returns the length of the body in bytes, as Content-Length states it; -1 if unknown. */
    public long length() {
        String length = header("Content-Length");
        return length.matches("[0-9]{1,18}") ? Long.parseLong(length) : -1;
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
