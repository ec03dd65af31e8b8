package org.example.piimages.build.fetch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.example.piimages.build.cache.Sha256;
import org.example.piimages.build.download.Download;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.image.Images;

/**
 * A download that is stored without unpacking it.
 *
 * @param file the file in the cache, with its checksum files beside it
 * @param sums the checksums to verify
 */
record FetchedFile(Path file, FetchSums sums) {

    /** A line of the output of sha256sum(1). */
    private static final Pattern LINE = Pattern.compile("([0-9a-fA-F]{64}) [ *](?:\\./)?(.+)");

    /**
     * Verifies the checksum.
     *
     * @param images unpacks the file if only the checksum of the image in it is known; null if the file is not packed
     * @param target the file beside which it is unpacked temporarily; not created
     * @throws BuildException if the checksum does not match, or if there is none
     */
    void verify(Images images, Path target) throws BuildException, IOException {
        if (sums.kind() == FetchSums.Kind.NONE) {
            return;
        }
        String actual = Sha256.of(file);
        List<String> expected = Stream.concat(Stream.ofNullable(sums.download()), Stream.concat(published(),
                images == null ? Stream.ofNullable(sums.image()) : Stream.empty())).distinct().toList();
        if (expected.size() == 1 && expected.get(0).equals(actual)) {
            return;
        }
        String name = file.getFileName().toString();
        if (images != null) {
            if (!images.verify(file, target, sums.forImage())) {
                throw Download.noChecksum(name);
            }
        } else if (expected.isEmpty()) {
            throw BuildException.failed("the checksum files of " + name + " have no line of sha256sum(1) about it; specify the checksum"
                    + " with --sha256=HEX");
        } else {
            throw BuildException.failed("the SHA-256 of " + name + " is " + actual + ", but " + sums.text() + " has "
                    + String.join(" and ", expected));
        }
    }

    /** Returns the checksums of the file in the checksum files beside it. */
    private Stream<String> published() throws IOException {
        String name = file.getFileName().toString();
        if (sums.kind() != FetchSums.Kind.FILES) {
            return Stream.empty();
        }
        Stream.Builder<String> found = Stream.builder();
        for (Path list : List.of(file.resolveSibling(name + ".sha256"), file.resolveSibling("SHA256SUMS"))) {
            if (Files.exists(list)) {
                Files.readString(list).lines().map(line -> digest(line, name)).flatMap(Optional::stream).forEach(found);
            }
        }
        return found.build();
    }

    private static Optional<String> digest(String line, String name) {
        Matcher matcher = LINE.matcher(line.strip());
        return matcher.matches() && matcher.group(2).equals(name) ? Optional.of(matcher.group(1).toLowerCase(Locale.ROOT))
                : Optional.empty();
    }
}
