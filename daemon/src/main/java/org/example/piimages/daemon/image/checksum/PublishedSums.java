package org.example.piimages.daemon.image.checksum;

import java.util.List;
import java.util.Locale;
import org.example.piimages.contract.DownloadName;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;

/**
 * All that is published about a download.
 *
 * @param files the checksum files beside it, or none
 * @param given the SHA-256 that the caller gave instead of them; empty where they gave none
 */
public record PublishedSums(List<PublishedFile> files, String given) {

    /** Nothing to compare with. */
    public static PublishedSums none() {
        return new PublishedSums(List.of(), "");
    }

    /**
     * A checksum that the caller gave; it may be that of the download or of the image in it.
     *
     * @throws Failure INVALID_ARGUMENT when it is none
     */
    public static PublishedSums given(String digits) {
        String plain = digits.strip().toLowerCase(Locale.ROOT);
        if (!plain.matches("[0-9a-f]{64}")) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "a SHA-256 has 64 hexadecimal digits, not " + Printable.quoted(digits));
        }
        return new PublishedSums(List.of(), plain);
    }

    /** What the image in a download may be called. */
    public static List<String> imageNames(String download) {
        String bare = DownloadName.unpacked(download);
        return bare.equals(download) || bare.isEmpty() ? List.of() : bare.endsWith(".img") && bare.length() > 4
                ? List.of(bare, bare.substring(0, bare.length() - 4)) : List.of(bare, bare + ".img");
    }

    /**
     * What is said of the download and the image in it, all of which has to be true.
     *
     * @throws Failure INVALID_IMAGE for a file that is of no use, as {@link PublishedFile#expectations}
     */
    public List<Expectation> expectations(List<String> downloads, List<String> images) {
        if (!given.isEmpty()) {
            return List.of(new Expectation(HashFunction.SHA256, given, Expectation.Of.EITHER, "the given checksum"));
        }
        List<Expectation> found = files.stream().flatMap(file -> file.expectations(downloads, images).stream()).distinct().toList();
        files.stream().filter(file -> found.isEmpty() && file.isByUnknownFunction(downloads, images)).findFirst().ifPresent(file -> {
            throw PublishedFile.failure(file.title() + " has its checksum by an unknown function; supported are MD5 and SHA-1 to"
                    + " SHA-512");
        });
        return found;
    }

    /** The files that should say something of the download and do not, by name. */
    public List<String> silent(List<String> downloads, List<String> images) {
        return files.stream().filter(file -> file.role() != ChecksumFile.OF_ANOTHER && !file.isEmptyOfMeaning()
                && file.expectations(downloads, images).isEmpty()).map(PublishedFile::name).toList();
    }
}
