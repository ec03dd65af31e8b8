package org.example.piimages.daemon.system;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Tests that share one daemon and what is around it. */
abstract class InSurroundings {

    /** Those of the class that runs; classes run one after the other. */
    static Surroundings here;

    @BeforeAll
    static void startSurroundings() throws Exception {
        here = new Surroundings();
    }

    @AfterAll
    static void stopSurroundings() throws Exception {
        here.close();
    }
}
