package org.example.piimages.build;

/** The passes over a recipe, in order; each executes its own commands. */
enum Stage {
    /** The source and the target. */
    SETUP("FROM TO INPLACE"),
    /** Changes to the image as a whole, before any command runs in it. */
    PREPARE("PUMP GROW ADDPART"),
    /** Commands in the image. */
    IMAGE("INSTALL EXTRACT PATH WORKDIR ENV RUN HOST CONFIGURE"),
    /** Changes to the image as a whole after that, and the use of the result. */
    FINISH("ZERO SHRINK CHECK PACK WRITE");

    private final String commands;

    Stage(String commands) {
        this.commands = " " + commands + " ";
    }

    boolean has(String command) {
        return commands.contains(" " + command + " ");
    }
}
