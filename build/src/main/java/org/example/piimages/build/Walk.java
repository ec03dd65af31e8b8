package org.example.piimages.build;

/** What becomes of a recipe's steps, one after the other. */
interface Walk {

    /** Goes one step further, and returns its exit status. Throws where the build cannot go on. */
    int perform(Step step) throws BuildException;

    /** How many steps were done. */
    int done();

    /** How many were not, as the cache knew them. */
    int cached();
}
