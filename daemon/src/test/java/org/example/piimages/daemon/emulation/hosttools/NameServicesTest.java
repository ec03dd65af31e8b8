package org.example.piimages.daemon.emulation.hosttools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameServicesTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'' | true",
        "passwd: files | true",
        "passwd:         files systemd | true",
        "group: files [SUCCESS=merge] systemd | true",
        "shadow: compat | true",
        "passwd: files extrausers | false",
        "group:\tfiles sss | false",
        "gshadow: files winbind | false",
        "initgroups: files ldap | false",
        "passwd: files [NOTFOUND=continue] ldap # remote | false",
        "passwd: files # extrausers | true",
        "# passwd: extrausers | true",
        "hosts: files mdns4_minimal [NOTFOUND=return] dns | true",
        "passwd | true",
        "passwd: | true",
    })
    void detectsOtherSourcesOfUsers(String text, boolean wanted) {
        assertEquals(wanted, NameServices.usesOnlyFiles("networks: files\n" + text + "\n"));
    }

    @Test
    void bracketsTakeLittleTime() {
        assertFalse(assertTimeoutPreemptively(Duration.ofSeconds(2), () -> NameServices.usesOnlyFiles("passwd: " + "[".repeat(60_000))));
    }
}
