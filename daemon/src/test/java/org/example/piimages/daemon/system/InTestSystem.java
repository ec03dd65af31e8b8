package org.example.piimages.daemon.system;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A class whose tests share one test system. */
abstract class InTestSystem {

    /** The test system of the class that runs; classes run one after the other. */
    static TestSystem here;

    @BeforeAll
    static void startTestSystem() throws Exception {
        here = new TestSystem();
    }

    @AfterAll
    static void stopTestSystem() throws Exception {
        here.close();
    }
}
