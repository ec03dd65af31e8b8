package org.example.piimages.build.download;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.example.piimages.build.failure.BuildException;

/** Reads lists of operating systems from files and URLs; limits their size. */
public final class OsListReader {

    /** The largest permitted list in bytes. The list of Raspberry Pi has less than a tenth of this. */
    public static final int MAX_SIZE = 4 << 20;
    private static final long MAX_TOTAL_SIZE = 32 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final WebClient web = new WebClient();
    private long read;

    /** Parses a list and returns its entries; the name is used in error messages. */
    public static JsonNode entries(String list, byte[] bytes) throws BuildException {
        try {
            JsonNode root = JSON.readTree(bytes);
            if (root == null || !root.path("os_list").isArray()) {
                throw BuildException.failed("the list " + list + " has no os_list, so it is not one of Raspberry Pi Imager");
            }
            return root.path("os_list");
        } catch (JsonProcessingException e) {
            throw BuildException.failed("cannot read the list " + list + ": not JSON: " + e.getOriginalMessage().lines().findFirst()
                    .orElse(""));
        } catch (IOException e) {
            throw unreadable(list, e);
        }
    }

    private static BuildException unreadable(String list, IOException problem) {
        return BuildException.failed("cannot read the list " + list + ": " + BuildException.reason(problem));
    }

    /** Verifies that the URL of a list is https: a list authenticates images, so it must itself be authenticated. */
    public static void requireTrust(String list) throws BuildException {
        if (!list.toLowerCase(Locale.ROOT).startsWith("https:")) {
            throw BuildException.request("the list " + list + " is not accepted: it is not retrieved over https");
        }
    }

    /** Returns the entries of a list that the user specified as a file or URL. */
    JsonNode requested(String list) throws BuildException {
        if (Download.isAddress(list)) {
            return download(list);
        }
        return entries(list, file(list));
    }

    /** Returns the content of the file of a list. */
    public static byte[] file(String list) throws BuildException {
        try (InputStream content = open(list)) {
            return WebClient.bounded(content, MAX_SIZE);
        } catch (IOException e) {
            throw unreadable(list, e);
        }
    }

    /** Returns at most {@code max} bytes from the beginning of a file. */
    public static byte[] start(String list, int max) throws BuildException {
        try (InputStream content = open(list)) {
            return content.readNBytes(max);
        } catch (IOException e) {
            throw unreadable(list, e);
        }
    }

    private static InputStream open(String list) throws BuildException, IOException {
        Path file = Path.of(list);
        if (!Files.isRegularFile(file)) {
            throw BuildException.notFound("cannot open " + list + ": " + (Files.exists(file) ? "it is not a regular file"
                    : "No such file or directory"));
        }
        return Files.newInputStream(file);
    }

    /**
     * Returns the entries of a list that the list {@code of} refers to. It must be a URL: a downloaded list must not cause local files to
     * be read.
     */
    JsonNode referenced(String list, String of) throws BuildException {
        if (!Download.isAddress(list)) {
            throw BuildException.failed("the list " + of + " refers to the list '" + list + "', which is not a URL");
        }
        return download(list);
    }

    private JsonNode download(String list) throws BuildException {
        requireTrust(list);
        try {
            URI address = Download.verifyServer(list, false);
            if (read > MAX_TOTAL_SIZE) {
                throw new IOException("the lists before it are larger than " + (MAX_TOTAL_SIZE >> 20) + " MiB together");
            }
            byte[] bytes = content(address);
            read += bytes.length;
            return entries(list, bytes);
        } catch (IOException e) {
            throw unreadable(list, e);
        }
    }

    private byte[] content(URI address) throws IOException {
        try (Response response = web.requestSmallFile(address)) {
            if (response.status() != WebClient.OK) {
                throw response.statusException();
            }
            return WebClient.bounded(response.body(), MAX_SIZE);
        }
    }
}
