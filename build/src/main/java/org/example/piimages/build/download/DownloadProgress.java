package org.example.piimages.build.download;

import java.util.function.Consumer;

/** Who hears how a download gets on. */
public interface DownloadProgress {

    /** Something happens, in one line. */
    void said(String line);

    /**
     * So much of it is there.
     *
     * @param bytes of the whole file
     * @param total how many there will be; 0 where nobody knows
     */
    void received(long bytes, long total);

    /** For somebody who wants to hear of what happens alone. */
    static DownloadProgress ofLines(Consumer<String> lines) {
        return new DownloadProgress() {
            @Override
            public void said(String line) {
                lines.accept(line);
            }

            @Override
            public void received(long bytes, long total) {
                // It is not told.
            }
        };
    }
}
