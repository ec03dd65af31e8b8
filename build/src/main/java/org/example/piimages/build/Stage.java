package org.example.piimages.build;

/** The passes over a recipe, in their order: each carries out its own commands. */
enum Stage {
    /** From what to what. */
    SETUP("FROM TO INPLACE"),
    /** The image as a whole, before anything is done in it. */
    PREPARE("PUMP GROW ADDPART"),
    /** In the image. */
    IMAGE("INSTALL EXTRACT PATH WORKDIR ENV RUN HOST CONFIGURE"),
    /** The image as a whole again, and what becomes of it. */
    FINISH("ZERO SHRINK CHECK PACK WRITE");

    private final String commands;

    Stage(String commands) {
        this.commands = " " + commands + " ";
    }

    boolean has(String command) {
        return commands.contains(" " + command + " ");
    }
}
