/**
 * The command that compresses a model. It reads arguments and files, and calls the library; {@code docs/compression.md}
 * describes it.
 */
package dev.tenon.samples.compress;
