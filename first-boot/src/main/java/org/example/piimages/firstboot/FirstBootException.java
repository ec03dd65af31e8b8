package org.example.piimages.firstboot;

/** Settings cannot be written or read. The message is one line for people: what, in which file, why, what to do next. */
public final class FirstBootException extends Exception {

    private final boolean isRequest;

    private FirstBootException(boolean isRequest, String message) {
        super(message);
        this.isRequest = isRequest;
    }

    /** What was asked for makes no sense, or not for this image. */
    public static FirstBootException request(String message) {
        return new FirstBootException(true, message);
    }

    /** The image is not as it would have to be, or cannot be read or written. */
    public static FirstBootException image(String message) {
        return new FirstBootException(false, message);
    }

    /** Whether the request is wrong, rather than the image. */
    public boolean isRequest() {
        return isRequest;
    }
}
