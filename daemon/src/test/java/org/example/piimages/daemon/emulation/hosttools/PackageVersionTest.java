package org.example.piimages.daemon.emulation.hosttools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackageVersionTest {

    @ParameterizedTest
    @CsvSource({
        "9.1-1, 9.1-1, true",
        "4.9-1, 4.9-1+deb12u1, true",
        "5.36.0-7+deb12u4, 5.36.0-7+deb12u3, true",
        "590-2.1~deb12u2, 590-2.1, true",
        "1:1.12-1+rpi1, 1:1.12-1, true",
        "9.1-1+rpi1+b2, 9.1-1, true",
        "1.21.22, 1.21.23, true",
        "1.21.22, 1.22.0, false",
        "9.1-1, 9.1-2, false",
        "9.1-1, 9.4-1, false",
        "1:9.1-1, 9.1-1, false",
        "2.36-9+deb12u14, 2.41-12, false",
        "5.36.0-7, 5.40.1-6, false",
    })
    void ignoresUpdatesWithinRelease(String host, String image, boolean fits) {
        assertEquals(fits, PackageVersion.fits(host, image));
        assertEquals(fits, PackageVersion.fits(image, host));
    }
}
