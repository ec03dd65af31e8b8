package org.example.piimages.daemon.machine;

import java.util.List;

/**
 * What to run in an image.
 *
 * @param name what the machine shall be called; empty to make a name of the file's
 * @param command the program and its arguments, one at least
 * @param environment NAME=VALUE each
 * @param directory working directory in the image; empty for nspawn's choice
 * @param user whom in the image to run it as; empty for root
 * @param readOnly whether the image is to stay as it is
 * @param streams where it reads and writes
 */
public record MachineRequest(String name, List<String> command, List<String> environment, String directory, String user,
        boolean readOnly, Streams streams) {

    public MachineRequest {
        command = List.copyOf(command);
        environment = List.copyOf(environment);
    }
}
