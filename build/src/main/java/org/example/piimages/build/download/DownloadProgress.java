package org.example.piimages.build.download;

import java.util.function.Consumer;

/** A listener for the progress of a download. */
public interface DownloadProgress {

    /** Called with a one-line message. */
    void message(String line);

    /**
     * Called when data was received.
     *
     * @param bytes the number of bytes of the file that were received so far, including those of a resumed download
     * @param total the size of the file in bytes; 0 if unknown
     */
    void received(long bytes, long total);

    /** Returns a listener that forwards messages and ignores the number of bytes. */
    static DownloadProgress ofLines(Consumer<String> lines) {
        return new DownloadProgress() {
            @Override
            public void message(String line) {
                lines.accept(line);
            }

            @Override
            public void received(long bytes, long total) {
                // Ignored.
            }
        };
    }
}
