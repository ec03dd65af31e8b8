package org.example.piimages.build.download;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.contract.DownloadName;

/**
 * A URL without a file name that leads to a file with a name, by a redirection or by the header Content-Disposition, as servers provide for
 * their latest image. The target is recorded beside the download: the base of a recipe changes only if the user removes the download, not
 * if the server has a newer image.
 */
public final class Redirection {

    private static final String REFERRERS = ".named-by";

    private Redirection() {
    }

    /** Returns the target of a URL: the recorded one if it is in the cache, otherwise the current one from the server. */
    public static URI of(Cache cache, URI address) throws BuildException {
        try {
            Optional<URI> cached = cached(cache, address);
            return cached.isPresent() ? cached.get() : request(address);
        } catch (IOException e) {
            throw BuildException.failed("cannot download " + address + ": " + BuildException.reason(e) + "; check the URL, or try again"
                    + " later");
        }
    }

    private static URI request(URI address) throws IOException {
        try (Response response = new WebClient().requestSmallFile(address)) {
            if (response.status() != WebClient.OK) {
                throw response.statusException();
            }
            return target(address, response);
        }
    }

    /**
     * Returns the URL that a response was received from. If only the server's header has the name of an image, returns the requested URL
     * with that name (see {@link Download#withName}).
     */
    public static URI target(URI address, Response response) {
        Optional<String> name = DownloadName.isDownload(Download.name(response.address())) ? Optional.empty() : response.fileName();
        // Not the URL after the redirections: it may be valid only for minutes.
        return name.map(text -> Download.withName(address, text)).orElse(response.address());
    }

    private static Optional<URI> cached(Cache cache, URI address) throws IOException {
        try (Stream<Path> directories = Files.list(cache.downloads())) {
            for (Path directory : directories.toList()) {
                Path note = directory.resolve(REFERRERS);
                if (Files.exists(note) && Files.readAllLines(note).contains(address.toString())) {
                    URI target = URI.create(Files.readString(directory.resolve(Cache.ADDRESS)).strip());
                    if (Download.exists(cache, target)) {
                        return Optional.of(target);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** Records that a URL led to this completed download. */
    public static void record(Path download, URI address) throws BuildException {
        try {
            Path note = download.resolveSibling(REFERRERS);
            // Several URLs may redirect to the same file.
            if (Files.notExists(note) || !Files.readAllLines(note).contains(address.toString())) {
                Files.writeString(note, address + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
        } catch (IOException e) {
            throw BuildException.failed("cannot keep the address of " + download + ": " + BuildException.reason(e));
        }
    }
}
