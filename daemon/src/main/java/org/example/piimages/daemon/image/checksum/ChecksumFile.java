package org.example.piimages.daemon.image.checksum;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The kinds of checksum files, as told by their names. */
public enum ChecksumFile {
    /** Checksums of the download: its name with a suffix. */
    OF_THE_DOWNLOAD,
    /** Checksums of the image in the download: its name with a suffix. */
    OF_THE_IMAGE,
    /** A list of the checksums of all files in its directory. */
    LIST,
    /** Checksums of another file; an entry counts nevertheless if it names the download. */
    OF_ANOTHER,
    /** Not a checksum file. */
    NONE;

    private static final String FUNCTION = "(?:md5|sha-?(?:1|2|224|256|384|512)?|sha3(?:-\\d+)?|sha512[-_]256|b2|b3|blake[23][a-z]*"
            + "|sm3|rmd160|ripemd160)(?:sums?)?";
    private static final String WORD = "(?:" + FUNCTION + "|checksums?)";
    /** A clear-signed list is a list. Signatures by themselves end in .sig, .gpg or .sign. */
    private static final String END = "(?:\\.txt)?(?:\\.asc)?";
    private static final Pattern ENDING = Pattern.compile("[._-]" + WORD + END);
    /** SHA256SUMS, sha256sum.txt, CHECKSUM.SHA256-FreeBSD-…, Fedora-…-CHECKSUM, hash.txt. */
    private static final Pattern LISTING = Pattern.compile(WORD + "(?:[._-]" + WORD + ")?" + END + "|checksum\\." + FUNCTION + "-.+|.+[._-]"
            + "(?:checksums?|sha\\d+sums|md5sums)" + END + "|(?:hash(?:es)?|digests?)\\.txt");
    private static final Pattern UNKNOWN_FUNCTION = Pattern.compile("(?<![a-z0-9])(?:b2|b3|blake|sha3(?!\\d)"
            + "|sha512[-_]256|sm3|rmd160|ripemd)");

    /**
     * Returns the kind of a file in relation to a download.
     *
     * @param downloads the names of the download
     * @param images the possible names of the image in it
     */
    public static ChecksumFile of(String name, List<String> downloads, List<String> images) {
        if (downloads.contains(name)) {
            return NONE;
        }
        if (isFor(name, downloads)) {
            return OF_THE_DOWNLOAD;
        }
        if (isFor(name, images)) {
            return OF_THE_IMAGE;
        }
        String lower = name.toLowerCase(Locale.ROOT);
        if (LISTING.matcher(lower).matches()) {
            return LIST;
        }
        return Pattern.compile(".+" + ENDING.pattern()).matcher(lower).matches() ? OF_ANOTHER : NONE;
    }

    private static boolean isFor(String name, List<String> files) {
        return files.stream().anyMatch(file -> name.startsWith(file)
                && ENDING.matcher(name.substring(file.length()).toLowerCase(Locale.ROOT)).matches());
    }

    /** Whether the name indicates an unknown hash function; the digests of some are as long as those of known ones. */
    static boolean isOfUnknownFunction(String name, List<String> downloads) {
        String rest = downloads.stream().filter(name::startsWith).findFirst().map(file -> name.substring(file.length())).orElse(name);
        return UNKNOWN_FUNCTION.matcher(rest.toLowerCase(Locale.ROOT)).find();
    }

    /** Whether a file of this kind must be understood. */
    boolean mustBeUnderstood() {
        return this != OF_ANOTHER;
    }
}
