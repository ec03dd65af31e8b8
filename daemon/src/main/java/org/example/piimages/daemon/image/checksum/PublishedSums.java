package org.example.piimages.daemon.image.checksum;

import java.util.List;
import java.util.Locale;
import org.example.piimages.contract.DownloadName;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;

/**
 * The published checksums of a download.
 *
 * @param files the checksum files beside it
 * @param given the SHA-256 that the caller gave instead; the empty string if none
 */
public record PublishedSums(List<PublishedFile> files, String given) {

    /** Returns an empty set: nothing is verified. */
    public static PublishedSums none() {
        return new PublishedSums(List.of(), "");
    }

    /**
     * Returns the checksum that the caller gave, which may be that of the download or of the image in it.
     *
     * @throws Failure INVALID_ARGUMENT if it is not a SHA-256 in hexadecimal
     */
    public static PublishedSums given(String digits) {
        String plain = digits.strip().toLowerCase(Locale.ROOT);
        if (!plain.matches("[0-9a-f]{64}")) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "a SHA-256 has 64 hexadecimal digits, not " + Printable.quoted(digits));
        }
        return new PublishedSums(List.of(), plain);
    }

    /** Returns the possible names of the image in a download. */
    public static List<String> imageNames(String download) {
        String bare = DownloadName.unpacked(download);
        return bare.equals(download) || bare.isEmpty() ? List.of() : bare.endsWith(".img") && bare.length() > 4
                ? List.of(bare, bare.substring(0, bare.length() - 4)) : List.of(bare, bare + ".img");
    }

    /**
     * Returns the expected checksums of the download and of the image in it; all of them have to match.
     *
     * @throws Failure INVALID_IMAGE if a file cannot be used, as {@link PublishedFile#expectations}
     */
    public List<ExpectedChecksum> expectations(List<String> downloads, List<String> images) {
        if (!given.isEmpty()) {
            return List.of(new ExpectedChecksum(HashFunction.SHA256, given, ExpectedChecksum.Target.EITHER, "the given checksum"));
        }
        List<ExpectedChecksum> found = files.stream().flatMap(file -> file.expectations(downloads, images).stream()).distinct().toList();
        files.stream().filter(file -> found.isEmpty() && file.isByUnknownFunction(downloads, images)).findFirst().ifPresent(file -> {
            throw PublishedFile.failure(file.title() + " has its checksum by an unknown function; supported are MD5 and SHA-1 to"
                    + " SHA-512");
        });
        return found;
    }

    /** Returns the names of the files that should contain a checksum of the download and do not. */
    public List<String> filesWithoutChecksum(List<String> downloads, List<String> images) {
        return files.stream().filter(file -> file.role() != ChecksumFile.OF_ANOTHER && !file.isSignatureOnly()
                && file.expectations(downloads, images).isEmpty()).map(PublishedFile::name).toList();
    }
}
