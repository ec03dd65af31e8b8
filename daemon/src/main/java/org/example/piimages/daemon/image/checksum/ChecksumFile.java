package org.example.piimages.daemon.image.checksum;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What the name of a file says of whose checksums it has. */
public enum ChecksumFile {
    /** Those of the download: it is called as that, with an ending. */
    OF_THE_DOWNLOAD,
    /** Those of the image in the download. */
    OF_THE_IMAGE,
    /** A list for all files of its folder. */
    LIST,
    /** Some other file's; what it says counts where it names the download all the same. */
    OF_ANOTHER,
    /** No checksums. */
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
     * What a file is to a download.
     *
     * @param downloads what the download is called
     * @param images what the image in it is called, or may be
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

    /** Whether a file of this name has sums by a function that is not known here; the length of some is that of known ones. */
    static boolean isOfUnknownFunction(String name, List<String> downloads) {
        String rest = downloads.stream().filter(name::startsWith).findFirst().map(file -> name.substring(file.length())).orElse(name);
        return UNKNOWN_FUNCTION.matcher(rest.toLowerCase(Locale.ROOT)).find();
    }

    /** Whether it has to be understood. */
    boolean mustBeUnderstood() {
        return this != OF_ANOTHER;
    }
}
