/**
 * How classes keep their options: {@link dev.tenon.options.Settings}. Options themselves do not belong here; a class of options
 * is in the package whose code reads them, and {@code CONTRIBUTING.md} tells how to write one.
 */
package dev.tenon.options;
