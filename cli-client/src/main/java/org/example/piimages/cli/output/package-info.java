/**
 * What commands print: tables, properties, JSON, sizes, the progress of jobs and downloads, and the pager.
 */
package org.example.piimages.cli.output;
