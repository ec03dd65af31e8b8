package org.example.piimages.daemon.emulation;

/**
 * How programs of a CPU would be run now; see ListInterpreters in the contract.
 *
 * @param state native, registered, available or missing
 * @param entry the binfmt_misc entry, empty if there is none
 * @param interpreter the emulator's path; if the state is missing, the package that contains it
 * @param flags the entry's flags, as the kernel prints them
 * @param ours whether the daemon registered the entry
 */
public record InterpreterState(String architecture, String state, String entry, String interpreter, String flags, boolean ours) {
}
