package org.example.piimages.daemon.linux.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may give users of the kernel's other numbers is root. */
class UserNamespaceIT {

    private static final int USER = 1;

    /** What the descriptors of namespaces are of, each as often as it is open. */
    private static List<String> open() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.map(UserNamespaceIT::target).filter(target -> target.startsWith("user:")).toList();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            // That of the listing itself is gone.
            return "";
        }
    }

    @Test
    void namespaceOfAnOwnerIsMadeOnce() throws Exception {
        try (UserNamespace first = UserNamespace.forOwner(USER, USER); UserNamespace second = UserNamespace.forOwner(USER, USER)) {
            assertEquals(target(Path.of(first.fd().procPath())), target(Path.of(second.fd().procPath())));
        }
    }

    @Test
    void callsWithManyGroupsDoNotUseUpTheDaemonsDescriptors() throws Exception {
        for (int group = 1; group <= UserNamespace.KEPT + 20; group++) {
            UserNamespace.forOwner(USER, group).close();
        }
        assertTrue(open().size() <= UserNamespace.KEPT, open().size() + " are open");
        // The one that was used last is kept, the first is made anew.
        for (int group : new int[] {UserNamespace.KEPT + 20, 1}) {
            try (UserNamespace again = UserNamespace.forOwner(USER, group)) {
                assertTrue(again.fd().number() >= 0);
            }
        }
        assertTrue(open().size() <= UserNamespace.KEPT, open().size() + " are open");
    }
}
