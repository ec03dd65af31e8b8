/**
 * The path of a call from the bus to a method and back: {@link org.example.piimages.daemon.bus.gate.Gate} identifies the caller, applies
 * the caller's limits and compares the types of the arguments with the contract. The package also contains the client of polkit, the audit
 * entries, and the conversion of exceptions to D-Bus errors. It does not use the objects on the bus.
 */
package org.example.piimages.daemon.bus.gate;
