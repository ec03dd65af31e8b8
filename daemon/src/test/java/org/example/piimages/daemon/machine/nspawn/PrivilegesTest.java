package org.example.piimages.daemon.machine.nspawn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.Test;

class PrivilegesTest {

    private static final Optional<UserRange> OWN = Optional.of(new UserRange(0x60000000));

    @Test
    void unprivilegedMachineHasOwnUsers() {
        assertTrue(new Privileges(false, List.of()).isNone());
        assertEquals(List.of("--private-users=1610612736:65536", "--private-users-ownership=off"), Privileges.NONE.options(OWN));
    }

    @Test
    void privilegesBecomeOptionsOfNspawn() {
        assertEquals(List.of("--private-users=no"), new Privileges(true, List.of()).options(Optional.empty()));
        Privileges some = new Privileges(false, List.of("CAP_NET_ADMIN", "CAP_SYS_TIME"));
        assertFalse(some.isNone());
        assertEquals("--capability=CAP_NET_ADMIN,CAP_SYS_TIME", some.options(OWN).get(2));
    }

    @Test
    void rejectsInvalidCapability() {
        for (String name : List.of("", "all", "CAP_", "cap_net_admin", "CAP_X,all", "CAP_NET ADMIN", "CAP_NET_ADMIN\n")) {
            Failure failure = assertThrows(Failure.class, () -> new Privileges(false, List.of(name)), name);
            assertEquals(Failure.Kind.INVALID_ARGUMENT, failure.kind());
        }
    }
}
