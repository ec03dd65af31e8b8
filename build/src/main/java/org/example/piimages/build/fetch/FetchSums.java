package org.example.piimages.build.fetch;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.example.piimages.build.download.OsEntry;

/**
 * The checksums that a download is verified with.
 *
 * @param kind the origin of the checksums
 * @param download the SHA-256 of the download, or null
 * @param image the SHA-256 of the image in it, or null; one that the user specified may be of either, and is stored in both
 */
record FetchSums(Kind kind, String download, String image) {

    /** The origin of the checksums. */
    enum Kind {
        /** No verification. */
        NONE("nothing, as requested"),
        /** Specified by the user. */
        GIVEN("the given checksum"),
        /** The list of operating systems. */
        LIST("the checksums in the list"),
        /** The checksum files beside the download. */
        FILES("the checksum files beside it");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** Returns a description for messages. */
        String text() {
            return text;
        }
    }

    /** Returns the checksums for the user's options and the entry of the list, which is null if the download is not from a list. */
    static FetchSums of(FetchRequest request, OsEntry entry) {
        if (!request.verify()) {
            return new FetchSums(Kind.NONE, null, null);
        }
        if (request.sha256() != null) {
            String sum = request.sha256().toLowerCase(Locale.ROOT);
            return new FetchSums(Kind.GIVEN, sum, sum);
        }
        if (entry == null || entry.downloadSha256().isEmpty() && entry.sha256().isEmpty()) {
            return new FetchSums(Kind.FILES, null, null);
        }
        return new FetchSums(Kind.LIST, entry.downloadSha256().isEmpty() ? null : entry.downloadSha256(),
                entry.sha256().isEmpty() ? null : entry.sha256());
    }

    /** Returns whether a checksum is known before the download begins. */
    boolean areKnownInAdvance() {
        return kind == Kind.GIVEN || kind == Kind.LIST;
    }

    /** Returns the SHA-256 to verify when unpacking; null for the checksum files beside the download, or for none. */
    String forImage() {
        return image == null ? download : image;
    }

    /**
     * Returns the SHA-256 to verify during the download; null for none. One that the user specified may be that of the image, so it is not
     * used here.
     */
    String forDownload() {
        return kind == Kind.LIST ? download : null;
    }

    /** Returns a description of the checksums. */
    String text() {
        if (kind != Kind.LIST) {
            return kind.text();
        }
        List<String> names = new ArrayList<>();
        if (download != null) {
            names.add("image_download_sha256");
        }
        if (image != null) {
            names.add("extract_sha256");
        }
        return kind.text() + " (" + String.join(", ", names) + ")";
    }
}
