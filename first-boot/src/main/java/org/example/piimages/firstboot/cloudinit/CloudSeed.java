package org.example.piimages.firstboot.cloudinit;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.syntax.KernelCommandLine;

/** The word of the kernel command line by which cloud-init finds its files and identifies the instance: ds=nocloud;NAME=VALUE;... */
final class CloudSeed {

    private static final String WORD = "ds=";
    private static final String SOURCE = "nocloud";
    private static final Pattern INSTANCE = Pattern.compile("(i|instance-id)=.*");
    /** Instance IDs set by configure and by Raspberry Pi Imager. */
    private static final Pattern MADE = Pattern.compile("(i|instance-id)=(piimages|rpi-imager)-.*");
    private static final Pattern ELSEWHERE = Pattern.compile("(s|seedfrom)=(?!(file://)?/boot(/firmware)?/?$).*");

    private CloudSeed() {
    }

    /**
     * Sets the instance ID; the rest of the word is kept.
     *
     * @param file the name of the command line in an error message
     * @throws FirstBootException if cloud-init is told to read its files from a place other than the boot partition
     */
    static void set(KernelCommandLine line, String id, String file) throws FirstBootException {
        String value = line.value(WORD);
        List<String> parts = new ArrayList<>(List.of((value == null ? SOURCE : value).split(";")));
        boolean isNoCloud = parts.get(0).toLowerCase(Locale.ROOT).matches("nocloud(-net)?");
        if (!isNoCloud || parts.stream().anyMatch(part -> ELSEWHERE.matcher(part).matches())) {
            throw FirstBootException
                    .image(file + " makes cloud-init read its settings from a place other than the boot partition: " + WORD + value
                            + "; remove that from the file first");
        }
        parts.removeIf(part -> INSTANCE.matcher(part).matches());
        parts.add("i=" + id);
        line.set(WORD, String.join(";", parts));
    }

    /** Removes an instance ID set by configure or Raspberry Pi Imager; removes the word if nothing else is in it. */
    static void reset(KernelCommandLine line) {
        String value = line.value(WORD);
        List<String> parts = new ArrayList<>(List.of((value == null ? "" : value).split(";")));
        if (!parts.removeIf(part -> MADE.matcher(part).matches())) {
            return;
        }
        if (parts.equals(List.of(SOURCE))) {
            line.remove(WORD);
        } else {
            line.set(WORD, String.join(";", parts));
        }
    }
}
