package org.example.piimages.daemon.machine.guest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.mount.DirectoryTree;

/** The login shell of a user, from the image's passwd(5). */
public final class LoginShell {

    private static final String PASSWD = "/etc/passwd";
    private static final int PASSWD_LIMIT = 1 << 20;
    private static final String DEFAULT = "/bin/sh";
    private static final int FIELDS = 7;

    private LoginShell() {
    }

    /**
     * Returns the command that starts the login shell of a user, by name or number; an empty user is root. For an unknown user it starts
     * /bin/sh, and the program that changes to the user reports the error.
     */
    public static List<String> of(DirectoryTree image, String user) throws IOException {
        Optional<OpenFile> found = image.file(PASSWD);
        if (found.isEmpty()) {
            return List.of(DEFAULT, "-l");
        }
        try (OpenFile passwd = found.get()) {
            return List.of(shellOf(new String(passwd.readStart(PASSWD_LIMIT), StandardCharsets.UTF_8), user), "-l");
        }
    }

    /** Returns the shell of a user, by name or number; an empty user is root. */
    public static String shellOf(String passwd, String user) {
        String requestedUser = user.isEmpty() ? "0" : user;
        for (String line : passwd.split("\n")) {
            String[] fields = line.split(":", -1);
            if (fields.length == FIELDS && (fields[0].equals(requestedUser) || fields[2].equals(requestedUser))) {
                return fields[6].startsWith("/") ? fields[6] : DEFAULT;
            }
        }
        return DEFAULT;
    }
}
