package org.example.piimages.cli.output;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.failure.Printable;

/** Parses and formats sizes: a number with the suffix K, M, G or T, in powers of 1024. */
public final class ByteCount {

    private static final Pattern TEXT = Pattern.compile("(\\d{1,15})([KMGT]?)(?:i?B)?");
    private static final String UNITS = "KMGT";

    private ByteCount() {
    }

    /** Returns the number of bytes. Throws {@link CommandFailure} if the text is not a valid size. */
    public static long parse(String text) {
        Matcher matcher = TEXT.matcher(text.toUpperCase(Locale.ROOT).replace("IB", "B"));
        if (!matcher.matches()) {
            throw new CommandFailure(ExitCode.USAGE,
                    "'" + Printable.of(text) + "' is not a valid size; specify a number with the suffix K, M, G or T");
        }
        long number = Long.parseLong(matcher.group(1));
        int power = matcher.group(2).isEmpty() ? 0 : UNITS.indexOf(matcher.group(2)) + 1;
        long maximum = Long.MAX_VALUE >> 10 * power;
        if (number > maximum) {
            throw new CommandFailure(ExitCode.USAGE, "'" + Printable.of(text) + "' exceeds the maximum file size");
        }
        return number << 10 * power;
    }

    /** Formats a size for display, with about three digits. */
    public static String text(long bytes) {
        int power = 0;
        double value = bytes;
        while (value >= 1024 && power < UNITS.length()) {
            value /= 1024;
            power++;
        }
        String unit = power == 0 ? " B" : " " + UNITS.charAt(power - 1) + "iB";
        return String.format(Locale.ROOT, value == Math.rint(value) || value >= 100 ? "%.0f%s" : "%.1f%s", value, unit);
    }
}
