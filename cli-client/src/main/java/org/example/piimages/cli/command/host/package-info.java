/**
 * The commands for the capabilities of the host: doctor, interpreters, register-interpreter, unregister-interpreter.
 */
package org.example.piimages.cli.command.host;
