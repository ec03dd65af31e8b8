package org.example.piimages.firstboot.failure;

/**
 * Thrown if settings cannot be written or read. The message is one line for users: what failed, on which file, why, and what to do next.
 */
public final class FirstBootException extends Exception {

    private final boolean isRequest;

    private FirstBootException(boolean isRequest, String message) {
        super(message);
        this.isRequest = isRequest;
    }

    /** Creates an exception for a request that is invalid, or not possible for this image. */
    public static FirstBootException request(String message) {
        return new FirstBootException(true, message);
    }

    /** Creates an exception for an image that is unsuitable, or cannot be read or written. */
    public static FirstBootException image(String message) {
        return new FirstBootException(false, message);
    }

    /** Returns whether the request is at fault, not the image. */
    public boolean isRequest() {
        return isRequest;
    }
}
