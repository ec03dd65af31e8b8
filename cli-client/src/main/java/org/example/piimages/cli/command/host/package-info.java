/**
 * What this host can do: doctor, interpreters, register-interpreter, unregister-interpreter.
 */
package org.example.piimages.cli.command.host;
