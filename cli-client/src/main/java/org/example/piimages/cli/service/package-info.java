/**
 * The daemon as seen by commands: the connection and its calls, authentication, jobs that run in the foreground, and the images, machines,
 * disks and findings that the daemon describes.
 */
package org.example.piimages.cli.service;
